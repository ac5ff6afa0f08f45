/** This build's own version, told in `hello` and `welcome`. A test holds it equal to package.json. */
export const RELEASE = '0.1.0'
