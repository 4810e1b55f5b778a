/** The bank's stylesheet. */
export const STYLE = `:root {
  color-scheme: light;
  --ink: #14211f;
  --quiet: #55645f;
  --line: #dbe3e0;
  --ground: #eef3f1;
  --paper: #fff;
  --brand: #0b5c55;
  --brand-dark: #084640;
  --tint: #e6f2ef;
  --alert: #9b1c1c;
  --alert-tint: #fdf0ef;
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  align-items: center;
  padding: 0 1rem;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  color: var(--ink);
  background: linear-gradient(120deg, #0d6b62, var(--brand-dark)) top / 100% 14rem no-repeat, var(--ground);
}
header {
  width: 100%;
  max-width: 30rem;
  padding: 2.25rem 0 1.5rem;
  color: #fff;
  display: flex;
  align-items: center;
  gap: 0.75rem;
  font-size: 1.125rem;
  font-weight: 650;
  letter-spacing: -0.01em;
}
header img { display: block; }
main {
  width: 100%;
  max-width: 30rem;
  padding: 2rem;
  background: var(--paper);
  border-radius: 0.875rem;
  box-shadow: 0 1px 3px rgb(8 40 36 / 12%), 0 16px 40px rgb(8 40 36 / 12%);
}
main > :last-child, dl > :last-child { margin-bottom: 0; }
footer { margin-top: auto; padding: 2rem 0; font-size: 0.8125rem; color: var(--quiet); text-align: center; }
h1 { margin: 0 0 0.25rem; font-size: 1.625rem; line-height: 1.2; letter-spacing: -0.02em; overflow-wrap: anywhere; }
h2, legend { margin: 1.5rem 0 0.5rem; padding: 0; font-size: 1rem; font-weight: 650; overflow-wrap: anywhere; }
p { margin: 0.75rem 0; overflow-wrap: anywhere; }
.lead { margin: 0 0 1.25rem; color: var(--quiet); }
.lead strong { color: var(--ink); }
.note { font-size: 0.875rem; color: var(--quiet); }
.alert {
  padding: 0.75rem 1rem;
  color: var(--alert);
  background: var(--alert-tint);
  border-left: 4px solid var(--alert);
  border-radius: 0.375rem;
}
.done { padding: 0.75rem 1rem; background: var(--tint); border-left: 4px solid var(--brand); border-radius: 0.375rem; }
form > label { display: block; margin: 1rem 0 0.375rem; font-weight: 600; font-size: 0.9375rem; }
form > input {
  width: 100%;
  padding: 0.7rem 0.85rem;
  font: inherit;
  color: inherit;
  background: var(--paper);
  border: 1px solid #83938e;
  border-radius: 0.5rem;
}
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #5ab3a6; outline-offset: 1px; }
.permissions { margin: 0; padding: 0; list-style: none; }
.permissions li { position: relative; padding: 0.375rem 0 0.375rem 2rem; }
.permissions li::before {
  content: "✓";
  position: absolute;
  left: 0;
  top: 0.5rem;
  width: 1.25rem;
  height: 1.25rem;
  display: grid;
  place-items: center;
  font-size: 0.75rem;
  font-weight: 700;
  color: var(--brand);
  background: var(--tint);
  border-radius: 50%;
}
fieldset { margin: 1.5rem 0 0; padding: 0; border: 0; min-width: 0; }
legend { margin: 0 0 0.5rem; }
.account {
  display: flex;
  align-items: center;
  gap: 0.25rem 0.875rem;
  margin-bottom: 0.5rem;
  padding: 0.75rem 0.875rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  cursor: pointer;
}
.account:hover { border-color: var(--brand); }
.account:has(:checked) { border-color: var(--brand); background: var(--tint); }
.account input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--brand); }
.account-name { flex: 1; min-width: 0; font-weight: 600; }
.account small { display: block; font-size: 0.8125rem; font-weight: 400; color: var(--quiet); }
.balance { font-variant-numeric: tabular-nums; white-space: nowrap; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.5rem; }
button {
  flex: 1 1 9rem;
  padding: 0.75rem 1rem;
  font: inherit;
  font-weight: 600;
  color: var(--brand);
  background: var(--paper);
  border: 1px solid var(--brand);
  border-radius: 0.5rem;
  cursor: pointer;
}
button:hover { background: var(--tint); }
button.primary { color: #fff; background: var(--brand); }
button.primary:hover { background: var(--brand-dark); }
a { color: var(--brand); }
dl { margin: 1.25rem 0 0; font-size: 0.875rem; }
dt { color: var(--quiet); }
dd { margin: 0 0 0.75rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) {
  header { padding-top: 1.25rem; }
  main { padding: 1.5rem 1.25rem; }
  .account { flex-wrap: wrap; }
  .account-name { flex-basis: 70%; }
  .balance { margin-left: 2rem; }
}
`
