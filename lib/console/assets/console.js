// Makes the console's pages quicker to use; everything works without it.

const policy = globalThis.trustedTypes?.createPolicy('fapi-console', { createHTML: (text) => text })

/** Shows what the server thinks of a form while somebody writes. */
function live(form) {
  const target = document.getElementById('live')
  if (!target) return
  let waiting
  let asked = 0
  const ask = async () => {
    const number = ++asked
    const body = new URLSearchParams(new FormData(form))
    try {
      const response = await fetch(form.dataset.live, { method: 'POST', body, credentials: 'same-origin' })
      const text = await response.text()
      if (number !== asked || !response.ok) return
      target.innerHTML = policy ? policy.createHTML(text) : text
    } catch {
      // The server is away: the page says so when the form is sent.
    }
  }
  form.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(ask, 300)
  })
}

/** Puts a file into a field. What is no text is put there as Base64, between the lines of a PEM certificate. */
async function takeFile(input) {
  const [file] = input.files ?? []
  const field = document.getElementById(input.dataset.into ?? '')
  if (!file || !field) return
  const octets = new Uint8Array(await file.arrayBuffer())
  // DER begins with a SEQUENCE, which no text does.
  const isDer = octets[0] === 0x30 && (octets[1] ?? 0) >= 0x80
  const base64 = () => btoa(String.fromCharCode(...octets)).replaceAll(/.{64}/g, '$&\n')
  field.value = isDer ? `-----BEGIN CERTIFICATE-----\n${base64()}\n-----END CERTIFICATE-----\n` : new TextDecoder().decode(octets)
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

/** Parts of a form that only matter while something is chosen: `data-when="name=value value"`. */
function showWhatMatters(form) {
  const chosen = new FormData(form)
  for (const part of form.querySelectorAll('[data-when]')) {
    const [name = '', values = ''] = (part.dataset.when ?? '').split('=')
    part.hidden = !chosen.getAll(name).some((value) => values.split(' ').includes(String(value)))
  }
}

for (const form of document.querySelectorAll('form[data-live]')) live(form)
for (const input of document.querySelectorAll('input[type=file][data-into]')) input.addEventListener('change', () => takeFile(input))
for (const form of document.querySelectorAll('form')) {
  if (!form.querySelector('[data-when]')) continue
  showWhatMatters(form)
  form.addEventListener('input', () => showWhatMatters(form))
}
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy ?? '')?.textContent ?? '')
    button.textContent = 'Copied'
  })
}
