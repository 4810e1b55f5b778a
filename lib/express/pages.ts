import { createHash } from 'node:crypto'
import type { Response } from 'express'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')

const SUBMIT = 'document.forms[0].submit()'
const SUBMIT_HASH = `'sha256-${createHash('sha256').update(SUBMIT).digest('base64')}'`

const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head><body>${body}</body></html>`

/** Tells the user of a request that must not be answered to whoever it names. */
export function refusalPage(res: Response, status: number, error: string, description: string): void {
  const explained = `<h1>The request cannot be answered</h1><p>${escaped(description)}</p><p><code>${escaped(error)}</code></p>`
  res.status(status).set('cache-control', 'no-store').set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  res.type('html').send(page('The request cannot be answered', explained))
}

/** Sends an answer by a form that submits itself (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(res: Response, redirectUri: string, values: Readonly<Record<string, string>>): void {
  const fields = Object.entries(values).map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  const form = `<form method="post" action="${escaped(redirectUri)}">${fields.join('')}<noscript><button>Continue</button></noscript></form>`
  res.status(200).set('content-security-policy', `default-src 'none'; script-src ${SUBMIT_HASH}; frame-ancestors 'none'`)
  res.type('html').send(page('Continue', `${form}<script>${SUBMIT}</script>`))
}
