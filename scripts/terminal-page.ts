/** How a terminal shows its sixteen colours, of which the audit writes four. */
const THEMES = {
  dark: { ground: '#111', text: '#ddd', 31: '#f77', 32: '#7e8', 33: '#eb4', 36: '#5dd' },
  light: { ground: '#fff', text: '#222', 31: '#c22', 32: '#163', 33: '#860', 36: '#177' },
} as const

export type TerminalTheme = keyof typeof THEMES

/** What a terminal shows of this text, as a page. Throws an `Error` for a sequence that is no colour and no weight. */
export function terminalPage(text: string, theme: TerminalTheme): string {
  const parts = text.split(SEQUENCES)
  const { ground, text: ink, ...colours } = THEMES[theme]
  const rules = Object.entries(colours).map(([code, colour]) => `.s${code} { color: ${colour} }`)
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Terminal</title>
<style>
body { margin: 0; padding: 18px 22px; background: ${ground}; color: ${ink}; width: max-content }
pre { margin: 0; background: ${ground}; filter: url(#few); font: 14px/1.45 "DejaVu Sans Mono", monospace }
.s1 { font-weight: 700 } .s2 { opacity: 0.65 } ${rules.join(' ')}
</style>
${FEW_COLOURS}
<pre>${parts.map(htmlOf).join('')}</pre></html>`
}

/** Sixteen steps of each colour: a picture with a palette has no room for more, and would lose the rarest word. */
const STEPS = Array.from({ length: 16 }, (_none, step) => (step / 15).toFixed(4)).join(' ')
const FEW_COLOURS = `<svg width="0" height="0" style="position: absolute"><filter id="few" color-interpolation-filters="sRGB"><feComponentTransfer>
${['R', 'G', 'B'].map((channel) => `<feFunc${channel} type="discrete" tableValues="${STEPS}"/>`).join('')}</feComponentTransfer></filter></svg>`

const ESCAPE = String.fromCharCode(0x1b)
const SEQUENCES = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`)

function htmlOf(part: string): string {
  const [, code] = /^.\[([\d;]*)m$/.exec(part) ?? []
  if (!part.includes(ESCAPE)) return part.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  if (code === undefined) throw new Error('the text has a sequence that is no colour')
  return code === '0' ? '</span>' : `<span class="s${code}">`
}
