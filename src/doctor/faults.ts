/** Every fault that can be named, by the check that names it, in the order of the checks. A warning keeps nobody out. */
export const FAULTS = {
  proxy: { failed: ['proxy_address'], warning: [] },
  name: { failed: ['name_unknown', 'name_server'], warning: [] },
  connection: { failed: ['refused', 'silent', 'unreachable'], warning: [] },
  tunnel: {
    failed: [
      'proxy_login',
      'proxy_password',
      'proxy_forbidden',
      'proxy_no_way',
      'proxy_none',
      'proxy_tls',
      'proxy_silent',
    ],
    warning: [],
  },
  tls: {
    failed: [
      'tls_expired',
      'tls_not_yet_valid',
      'tls_wrong_name',
      'tls_unknown_issuer',
      'tls_intercepted',
      'tls_self_signed',
      'tls_bad_certificate',
      'tls_client_certificate',
      'tls_not_spoken',
      'tls_handshake',
      'tls_broken',
      'tls_silent',
    ],
    warning: ['tls_expires_soon', 'tls_unverified'],
  },
  server: {
    failed: [
      'not_drumline',
      'wrong_path',
      'redirected',
      'gateway',
      'foreign_login',
      'unavailable',
      'wants_tls',
      'not_http',
      'tls_client_certificate',
      'broken',
      'silent',
    ],
    warning: ['mark_stripped'],
  },
  upgrade: {
    failed: ['upgrade_stripped', 'upgrade_refused', 'upgrade_altered', 'origin_added', 'extension_added'],
    warning: [],
  },
  subprotocol: { failed: ['subprotocol_stripped', 'subprotocol_lost'], warning: [] },
  credential: { failed: ['credential_stripped', 'credential_unknown', 'rate_limited'], warning: [] },
  welcome: {
    failed: ['version', 'no_welcome', 'credential_unknown', 'upgrade_unsteady'],
    warning: ['credential_expires_soon'],
  },
  clock: { failed: ['lost'], warning: ['clock_skew', 'slow'] },
  large: { failed: ['large_up', 'large_down', 'altered', 'lost'], warning: [] },
  push: { failed: ['push_late', 'lost'], warning: [] },
  idle: { failed: ['idle_cut', 'closed', 'cut'], warning: [] },
} as const

/** What is looked at between here and a server. */
export type CheckName = keyof typeof FAULTS
/** The name of a fault, for scripts. */
export type FaultCode = (typeof FAULTS)[CheckName]['failed' | 'warning'][number]
