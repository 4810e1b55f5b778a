/** A server under which clients walk their flows: the bank, or another one with the same clients. */
export interface Target {
  readonly issuer: string
  /** The origin under which client certificates are asked for. */
  readonly mtlsOrigin: string
  /** PEM: who trusts it trusts the listeners. */
  readonly caCertificate: string
  /** Where the clients' keys, certificates and metadata are kept. */
  readonly dataDir: string
  readonly endpoints: {
    readonly authorization: string
    readonly par: string
    readonly token: string
    /** The API; it answers under the same path of `mtlsOrigin`. */
    readonly accounts: string
  }
}

/** The address of the API for clients with a certificate. */
export const accountsWithCertificate = ({ mtlsOrigin, endpoints }: Target): string =>
  new URL(new URL(endpoints.accounts).pathname, mtlsOrigin).href
