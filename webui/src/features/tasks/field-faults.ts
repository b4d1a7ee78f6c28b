import { stepsOf, type PlacedFault } from '@/lib/faults'
import { sameField } from '@/lib/project-document'
import type { Place } from './edits'

function startsWith(steps: readonly (string | number)[], path: readonly (string | number)[]): boolean {
  return path.every((step, index) => {
    const other = steps[index]
    return typeof step === 'string' && typeof other === 'string' ? sameField(step, other) : step === other
  })
}

/** The faults of one part of the document, handed out to its fields; what no field takes is left over for the part itself. */
export class FaultsOf {
  private readonly own: { steps: (string | number)[]; message: string }[]

  constructor(faults: readonly PlacedFault[], path: readonly (string | number)[], except: readonly string[] = []) {
    this.own = faults.flatMap((fault) => {
      const steps = stepsOf(fault.path)
      if (!startsWith(steps, path)) return []
      const rest = steps.slice(path.length)
      return except.some((name) => typeof rest[0] === 'string' && typeof rest[1] === 'number' && sameField(name, rest[0])) ? [] : [{ steps: rest, message: fault.message }]
    })
  }

  /** What is wrong with a field or anything in it. */
  at(...path: (string | number)[]): string | null {
    const found = this.own.filter((fault) => startsWith(fault.steps, path))
    return found.length === 0 ? null : found.map((fault) => fault.message).join('; ')
  }

  /** What is said of none of these fields. */
  others(...fields: readonly string[]): string[] {
    return this.own.filter((fault) => !fields.some((field) => startsWith(fault.steps, stepsOf(field)))).map((fault) => fault.message)
  }
}

/** How many faults there are in a task or resource. */
export function countIn(faults: readonly PlacedFault[], place: Place): number {
  const path = place.resource === undefined ? ['tasks', place.task] : ['tasks', place.task, 'resources', place.resource]
  return faults.filter((fault) => startsWith(stepsOf(fault.path), path)).length
}
