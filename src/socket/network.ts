/** What lies between this machine and the server: whom to trust, what to show them, which proxy to go through. */
export interface Network {
  /** Certificates of authorities (PEM) to trust beside the machine's and Node's. */
  ca?: string
  /** This client's certificate and what leads to its authority (PEM), for a server that asks for one. */
  cert?: string
  /** Its key (PEM, not encrypted). */
  key?: string
  /** A forward proxy, `http://` or `https://` with user and password if it wants them, or `none`. Default: as `env` says. */
  proxy?: string
  /** Where `HTTPS_PROXY`, `NO_PROXY` and their like are found, and `SSL_CERT_FILE`. Default: nowhere. */
  env?: Readonly<Record<string, string | undefined>>
  /** Danger: trusts whoever answers, who then has the token. */
  skipVerify?: boolean
}
