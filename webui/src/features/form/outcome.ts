import type { PlacedFault } from '@/lib/faults'
import type { Rendered } from './api'

/** How far a rendering came: the form, the values, the template, the task that came out, or its submission failed. */
export type Stage = 'form' | 'values' | 'template' | 'task' | 'submission' | 'fine'

export interface Outcome {
  stage: Stage
  message: string
  faults: PlacedFault[]
}

/** Where it failed, as far as the answer says. */
export function outcomeOf(answer: Rendered): Outcome {
  const { error } = answer
  if (error === null) return { stage: 'fine', message: '', faults: [] }
  const what = { message: error.message, faults: error.details }
  // Values have names, but no lines: they are not written in a text.
  if (answer.values === null) return { stage: error.details.some((fault) => fault.line !== null) ? 'form' : 'values', ...what }
  if (answer.text === null) return { stage: 'template', ...what }
  return { stage: answer.task === null ? 'task' : 'submission', ...what }
}

/** A message whose place is said beside it. */
export function marked(outcome: Outcome): PlacedFault[] {
  return outcome.faults.length > 0 ? outcome.faults : [{ path: '', message: outcome.message, line: null, column: null }]
}
