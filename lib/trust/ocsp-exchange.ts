/** Octets of an answer, our choice: one with its responder's certificates takes a few thousand. */
const LARGEST = 64 * 1024

/**
 * Sends an OCSP request (RFC 6960 appendix A.1) and resolves to the answer's octets. Follows no redirect, since that would be an
 * address nobody allowed. Throws an error that says what went wrong; `timeout` is in seconds and covers the whole answer.
 */
export async function postOcsp(url: URL, body: Uint8Array<ArrayBuffer>, timeout: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, {
    method: 'POST',
    // A connection that was kept may be closed under a request that cannot be sent again; one every few minutes costs little.
    headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response', connection: 'close' },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout * 1000),
  }).catch((cause: unknown) => {
    throw new Error(failure(cause, timeout, 'could not be reached'), { cause })
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`answered with status ${response.status}`)
  }
  return readAll(response, timeout)
}

async function readAll({ body }: Response, timeout: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length
      if (size > LARGEST) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new Error(failure(cause, timeout, 'broke off its answer'), { cause })
  }
  if (size > LARGEST) throw new Error(`answered with more than ${LARGEST} octets`)
  return new Uint8Array(Buffer.concat(chunks))
}

/** What fetch rejects with is no error of this realm everywhere: it goes by its name. */
function failure(cause: unknown, timeout: number, otherwise: string): string {
  const isLate = typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'TimeoutError'
  return isLate ? `did not answer within ${timeout} s` : otherwise
}
