/** The server that this page came from, with the prefix that a proxy shows it under. */
export const PAGE = { url: new URL('.', location.href).href }
