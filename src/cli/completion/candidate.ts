export interface Candidate {
  readonly value: string
  readonly about: string
}
