import { Router } from 'express'
import { STYLE } from './style.js'

/** The stylesheet and the logo: the only files the pages need. */
export function assets(): Router {
  const router = Router()
  router.get('/style.css', (_req, res) => {
    res.set('cache-control', 'public, max-age=3600').type('css').send(STYLE)
  })
  router.get('/logo.svg', (_req, res) => {
    res.set('cache-control', 'public, max-age=3600').type('svg').send(LOGO)
  })
  return router
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">
<rect width="36" height="36" rx="9" fill="#f4b740"/>
<path d="M18 7 7 13.2v2.3h22v-2.3zM9.5 17.5h3v8h-3zm7 0h3v8h-3zm7 0h3v8h-3zM7 27h22v2.5H7z" fill="#0b3f3a"/>
</svg>
`
