import { describe, expect, it } from 'vitest'
import { stepsOf } from '@/lib/faults'
import { countIn, FaultsOf } from './field-faults'

const fault = (path: string, message = path) => ({ path, message, line: 1, column: 1 })
const kFaults = [
  fault('tasks[0].timeout'),
  fault('tasks[0].resources[1].limits.cpu'),
  fault('tasks[0].resources[1].volumes[2].source', 'no such source'),
  fault('tasks[0].resources', 'every resource is permanent'),
  fault('tasks[10].name'),
  fault('name'),
  fault(''),
]

describe('faults', () => {
  it('have paths of names and places', () => {
    expect(stepsOf('tasks[1].resources[0].env')).toEqual(['tasks', 1, 'resources', 0, 'env'])
    expect(stepsOf('')).toEqual([])
  })

  it('go to the field that they are about', () => {
    const resource = new FaultsOf(kFaults, ['tasks', 0, 'resources', 1])
    expect(resource.at('limits', 'cpu')).toBe('tasks[0].resources[1].limits.cpu')
    expect(resource.at('volumes')).toBe('no such source')
    expect(resource.at('volumes', 2, 'source')).toBe('no such source')
    expect(resource.at('volumes', 1)).toBeNull()
    expect(resource.at('command')).toBeNull()
    expect(resource.others('limits.cpu')).toEqual(['no such source'])
  })

  it('that no field takes stay with the task, those of its resources not', () => {
    const task = new FaultsOf(kFaults, ['tasks', 0], ['resources'])
    expect(task.at('timeout')).toBe('tasks[0].timeout')
    expect(task.others('timeout')).toEqual(['every resource is permanent'])
  })

  it('are counted for the tree', () => {
    expect(countIn(kFaults, { task: 0 })).toBe(4)
    expect(countIn(kFaults, { task: 0, resource: 1 })).toBe(2)
    expect(countIn(kFaults, { task: 1 })).toBe(0)
  })
})
