/** Faults of a document as the server tells them; `line` and `column` count from 1. */
export interface PlacedFault {
  path: string
  message: string
  line: number | null
  column: number | null
}

/** "tasks[1].resources[0].env" as its steps. */
export function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (name !== undefined) steps.push(name)
    else if (index !== undefined) steps.push(Number(index))
  }
  return steps
}

/** Faults as marks of an editor; one without a place stands on the first line. */
export function marksOf(faults: readonly PlacedFault[], warnings: readonly PlacedFault[] = []) {
  const mark = (warning: boolean) => (fault: PlacedFault) => ({
    line: fault.line ?? 1,
    column: fault.column ?? 1,
    message: fault.path ? `${fault.path}: ${fault.message}` : fault.message,
    ...(warning ? { warning } : {}),
  })
  return [...faults.map(mark(false)), ...warnings.map(mark(true))]
}

/** "line 4, column 2" */
export function placeText(fault: PlacedFault): string {
  if (fault.line === null) return ''
  return `line ${fault.line}${fault.column === null ? '' : `, column ${fault.column}`}`
}
