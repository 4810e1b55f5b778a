import { type Content, html, type Markup } from './markup.js'

/** What was wrong with a form, said aloud by screen readers; nothing when nothing was. */
export const alert = (problem: string | undefined): Content => problem && html`<p class="alert" role="alert">${problem}</p>`

/** A whole page: the bank's letterhead around its body. */
export const page = (title: string, body: Markup): string =>
  html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title} · First Example Bank</title>
    <link rel="stylesheet" href="/style.css">
    <link rel="icon" href="/logo.svg" type="image/svg+xml">
  </head>
  <body>
    <header><img src="/logo.svg" alt="" width="36" height="36"><span>First Example Bank</span></header>
    <main>${body}</main>
    <footer>First Example Bank · a bank for developers, without money</footer>
  </body>
</html>
`.markup
