/**
 * The stylesheet of the HTML report, in the look of the console. It stands in the page itself, whose Content-Security-Policy
 * allows it by its digest; so it holds no character that HTML would escape.
 */
export const HTML_STYLE = `
:root {
  color-scheme: light;
  --ground: #f4f5f8;
  --surface: #ffffff;
  --sunken: #eef0f5;
  --line: #d4d8e1;
  --text: #171b26;
  --quiet: #545c6e;
  --accent: #1d4ed8;
  --accent-soft: #e5ebfd;
  --good: #14673a;
  --good-soft: #def3e5;
  --bad: #a51c1c;
  --bad-soft: #fde8e7;
  --warning: #7a4c00;
  --warning-soft: #fdf0d2;
  --radius: 8px;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace;
  font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
  line-height: 1.5;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --ground: #0f131b;
    --surface: #181d28;
    --sunken: #212735;
    --line: #384154;
    --text: #e9ecf3;
    --quiet: #a7b0c3;
    --accent: #8fb1ff;
    --accent-soft: #202d4d;
    --good: #7fd7a1;
    --good-soft: #15321f;
    --bad: #ff9f98;
    --bad-soft: #421a1a;
    --warning: #f1c56b;
    --warning-soft: #3b2c0c;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font-size: 1rem; overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
h1, h2, h3, p, ul, ol, dl, dd, fieldset { margin: 0; padding: 0; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.15rem; }
h3 { font-size: 1rem; font-weight: 600; }
.passed h3, .unjudged h3 { font-weight: 400; }
code { font-family: var(--mono); font-size: 0.88em; }
.skip { position: absolute; left: -999rem; padding: 0.6rem 1rem; background: var(--surface); z-index: 2; }
.skip:focus { left: 0.5rem; top: 0.5rem; }
.top {
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.25rem 1rem;
  padding: 0.9rem 1.25rem; background: var(--surface); border-bottom: 1px solid var(--line);
}
.top strong { font-weight: 650; }
.quiet, .lead { color: var(--quiet); }
.lead { margin-top: 0.4rem; }
.frame {
  display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 1.75rem;
  max-width: 80rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem;
}
nav ul { list-style: none; display: grid; gap: 2px; position: sticky; top: 1rem; }
nav a {
  display: flex; justify-content: space-between; gap: 0.75rem; padding: 0.45rem 0.75rem;
  border-radius: var(--radius); color: var(--text); text-decoration: none; line-height: 1.35;
}
nav a:hover { background: var(--sunken); }
nav .tally { color: var(--quiet); white-space: nowrap; font-size: 0.9rem; }
nav .tally.failed { color: var(--bad); font-weight: 650; }
nav .tally.warned { color: var(--warning); font-weight: 650; }
main { display: grid; gap: 1.1rem; align-content: start; grid-template-columns: minmax(0, 1fr); }
.panel { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.1rem 1.25rem; }
.panel h2 { margin-bottom: 0.75rem; }
.notice { border: 1px solid var(--line); border-left: 5px solid var(--quiet); border-radius: var(--radius); background: var(--surface); padding: 0.75rem 1rem; font-weight: 600; }
.notice.failed { border-left-color: var(--bad); background: var(--bad-soft); }
.notice.warned { border-left-color: var(--warning); background: var(--warning-soft); }
.notice.passed { border-left-color: var(--good); background: var(--good-soft); }
.bar { display: block; border-radius: 4px; }
.fill-failed { fill: var(--bad); }
.fill-warned { fill: var(--warning); }
.fill-unjudged { fill: var(--quiet); }
.fill-passed { fill: var(--good); }
.ground { fill: var(--surface); }
.filter { border: 0; min-width: 0; margin-top: 0.9rem; display: flex; flex-wrap: wrap; gap: 0.5rem; }
.filter legend { padding: 0; margin-bottom: 0.4rem; color: var(--quiet); font-size: 0.9rem; }
.filter label {
  display: flex; align-items: center; gap: 0.5rem; min-height: 2.6rem; padding: 0.35rem 0.8rem; cursor: pointer;
  border: 1px solid var(--line); border-radius: var(--radius); background: var(--sunken);
}
.filter input { width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--accent); }
.filter label > span { white-space: nowrap; }
.filter b { font-variant-numeric: tabular-nums; }
.swatch { flex: none; border-radius: 3px; }
.facts { display: grid; }
.facts > div {
  display: grid; grid-template-columns: minmax(7rem, 9rem) minmax(0, 1fr); gap: 0.25rem 1rem;
  padding: 0.45rem 0; border-bottom: 1px solid var(--line);
}
.facts > div:last-child { border-bottom: 0; padding-bottom: 0; }
dt { color: var(--quiet); }
.plain { list-style: none; }
.plain > li + li { margin-top: 0.35rem; }
ul.problems { display: grid; gap: 0.35rem; list-style: none; }
.problems > li { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0 0.75rem; align-items: baseline; }
.reasons { padding-left: 1.2rem; }
.reasons > li + li { margin-top: 0.35rem; }
.panel > p + ul, .panel > ul + p { margin-top: 0.6rem; }
.area { display: grid; gap: 0.6rem; grid-template-columns: minmax(0, 1fr); margin-top: 0.9rem; }
.area > .headline { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.15rem 1rem; }
.finding { background: var(--surface); border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: var(--radius); }
.finding.failed { border-left-color: var(--bad); }
.finding.warned { border-left-color: var(--warning); }
.finding.unjudged { border-left-color: var(--quiet); }
.finding.passed { border-left-color: var(--good); }
.finding:target { outline: 3px solid var(--accent); outline-offset: 2px; }
summary {
  display: grid; grid-template-columns: 7.5rem minmax(0, 1fr) auto 1rem; gap: 0.15rem 0.75rem; align-items: baseline;
  padding: 0.6rem 1rem; cursor: pointer; list-style: none; border-radius: var(--radius);
}
summary::-webkit-details-marker { display: none; }
summary::after { content: '▸'; content: '▸' / ''; color: var(--quiet); text-align: right; }
details[open] > summary::after { content: '▾'; content: '▾' / ''; }
summary:hover h3 { text-decoration: underline; }
.clause { color: var(--quiet); font-size: 0.9rem; }
.badge {
  justify-self: start; display: inline-block; padding: 0.05rem 0.6rem; border-radius: 99px; font-size: 0.85rem;
  white-space: nowrap; background: var(--sunken); color: var(--text);
}
.badge.failed { background: var(--bad-soft); color: var(--bad); }
.badge.warned { background: var(--warning-soft); color: var(--warning); }
.badge.passed { background: var(--good-soft); color: var(--good); }
.body { padding: 0 1rem 0.8rem; }
.body .facts { border-top: 1px solid var(--line); }
.empty { padding: 2rem 1rem; text-align: center; color: var(--quiet); background: var(--surface); border: 1px dashed var(--line); border-radius: var(--radius); }
footer { color: var(--quiet); font-size: 0.9rem; }
@supports not selector(:has(*)) {
  .filter input { display: none; }
}
@media screen {
  body:has(#show-failed:not(:checked)) .finding.failed,
  body:has(#show-warned:not(:checked)) .finding.warned,
  body:has(#show-unjudged:not(:checked)) .finding.unjudged,
  body:has(#show-passed:not(:checked)) .finding.passed { display: none; }
}
@media (max-width: 56rem) {
  .frame { grid-template-columns: minmax(0, 1fr); gap: 1rem; padding: 1rem 0.9rem 3rem; }
  nav ul { display: flex; flex-wrap: wrap; position: static; }
  nav a { padding: 0.4rem 0.6rem; font-size: 0.94rem; }
  nav .tally { font-size: inherit; }
  .top { padding: 0.7rem 0.9rem; }
}
@media (max-width: 40rem) {
  h1 { font-size: 1.35rem; }
  .panel { padding: 0.9rem 1rem; }
  summary { grid-template-columns: minmax(0, 1fr) 1rem; }
  summary > * { grid-column: 1; }
  summary::after { grid-column: 2; grid-row: 1; }
  .facts > div, .problems > li { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .filter label { flex: 1 1 auto; padding: 0.35rem 0.65rem; }
}
@media print {
  @page { margin: 16mm 14mm; }
  :root { --ground: #ffffff; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav, .skip, .filter legend, .filter input, summary::after { display: none; }
  .frame { display: block; max-width: none; padding: 1rem 0 0; }
  .top { padding: 0 0 0.5rem; }
  .filter label { min-height: 0; padding: 0.15rem 0.5rem; }
  .panel, .finding, .facts > div { break-inside: avoid; }
  h2, .headline, summary { break-after: avoid; }
  summary { grid-template-columns: 7.5rem minmax(0, 1fr) auto; padding: 0.35rem 0.75rem; }
  .body { padding: 0 0.75rem 0.5rem; }
  .finding:not([open]) { border-color: transparent transparent var(--line); border-radius: 0; }
  .body a::after { content: ' ' attr(href); color: var(--quiet); font-size: 0.85em; }
}
`
