import { parentPort, workerData } from 'node:worker_threads'
import { parseWorkflows, type WorkflowFile } from '../../../workflow/index.ts'

// One reading, and the thread ends by itself.
parentPort?.postMessage(parseWorkflows(workerData as WorkflowFile[]))
