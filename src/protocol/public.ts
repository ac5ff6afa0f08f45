/**
 * `drumline/protocol`: the wire of `drumline.v1` for whoever embeds it or writes an end of their own. Pure, and safe for
 * browsers. The rooms of this package share a little more by `index.ts`.
 */

export { LOGIN } from './admission.ts'
export type { ServedCall } from './answering.ts'
export { ATTEMPT_ENDS, AttemptEnd, AttemptView } from './attempt-view.ts'
export { reconnectDelay, slowDelay } from './backoff.ts'
export type { CallSettings } from './calls.ts'
export { Channel, type ChannelOptions, type Meter, type PassedFrame } from './channel.ts'
export { Claim, ClaimVerdict, PHASES, Phase, VERDICTS, VerdictWord } from './claims.ts'
export { type Clock, systemClock } from './clock.ts'
export { Clone, CloneUrl, GitRef } from './clone.ts'
export { CLOSE, type CloseAction, type CloseCode, closeAction } from './closes.ts'
export { type DecodeOptions, decodeEach, encode, type Receives } from './codec.ts'
export { AuditView, CREDENTIAL_STATES, CredentialView } from './credential.ts'
export { type StepDraft, type WorkflowDraft, workflowSpec } from './draft.ts'
export {
  BusError,
  type BusErrorOptions,
  CloseError,
  ERROR_CODES,
  type ErrorBody,
  type ErrorCode,
  type ErrorDetail,
  LeaseLost,
  type Outcome,
  type Retry,
} from './errors.ts'
export { FRAMES, type Frame, type FrameOf, type FrameType, RECEIPT_PHASES, type Sender } from './frames.ts'
export {
  CALLS,
  FEATURES,
  FEED,
  LEASE,
  LIMITS_IN_FORCE,
  LIVENESS,
  type Limits,
  LOGS,
  MESSAGE,
  RECONNECT,
  SEARCH,
  SHAPE,
  SUBPROTOCOL,
  TREND,
  VERSIONS,
} from './limits.ts'
export { countLines, splitLine } from './lines.ts'
export { type Log, silentLog } from './log.ts'
export {
  ADMIN_METHODS,
  AGENT_METHODS,
  ENROLMENT_METHODS,
  EXPLAIN_CODES,
  findMethod,
  METHODS,
  type Method,
  type MethodName,
  mayCall,
  OPERATOR_METHODS,
  type ParamsOf,
  type ResultOf,
  ROLES,
  type Role,
  VIEWER_METHODS,
  VISITOR_METHODS,
} from './methods/index.ts'
export { Environment, GivenName, Id, LabelKey, Labels, VariableName } from './names.ts'
export { type Lane, laneOf } from './outbox.ts'
export type { Accepted, CallOptions, Ended, Filter, LogEntry, Peer, Version, Work } from './peer.ts'
export type { Port } from './port.ts'
export { type Plain, toPlain } from './shown.ts'
export { TrendPoint } from './trend.ts'
export { RELEASE } from './version.ts'
export {
  AGENT_STATES,
  AgentView,
  CancelView,
  FeedData,
  LOGS_STATES,
  LogChunk,
  LogGap,
  LogPart,
  MissingLines,
  QueueView,
  StepView,
  WorkflowDetail,
  WorkflowView,
} from './views.ts'
export {
  AgentInfo,
  Duration,
  LOG_KINDS,
  LogKind,
  LogRun,
  Millis,
  Offer,
  RunStatus,
  STEP_STATES,
  StepResult,
  StepSpec,
  StepState,
  StepStateName,
  WORKFLOW_STATES,
  WorkflowSpec,
  WorkflowState,
  WorkflowStateName,
} from './workflow.ts'
