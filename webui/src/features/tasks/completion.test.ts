import { describe, expect, it } from 'vitest'
import schema from '../../../../docs/pintle.schema.json'
import { completionsAt, spotOf, type Schema } from './completion'

const known = { sources: ['src', 'data'], storages: ['default', 'fast'], gpuModels: ['A100'] }
const labels = (before: string) => completionsAt(before, schema as Schema, known)?.options.map((offer) => offer.label) ?? null

describe('where the cursor is', () => {
  it('is known in blocks, whether lists are indented or not', () => {
    expect(spotOf('na')).toEqual({ path: [], kind: 'key', word: 'na', taken: [] })
    expect(spotOf('name: x\ntasks:\n- name: train\n  ki')).toEqual({ path: ['tasks', '[]'], kind: 'key', word: 'ki', taken: ['name'] })
    expect(spotOf('tasks:\n  - name: train\n    resources:\n      - name: w\n        command: x\n        li')).toMatchObject({ path: ['tasks', '[]', 'resources', '[]'], kind: 'key', taken: ['command', 'name'] })
    expect(spotOf('tasks:\n- resources:\n  - limits:\n      cp')).toMatchObject({ path: ['tasks', '[]', 'resources', '[]', 'limits'] })
    expect(spotOf('tasks:\n- na')).toMatchObject({ path: ['tasks', '[]'], kind: 'key', word: 'na' })
    expect(spotOf('tasks:\n- name: a\n- na')).toMatchObject({ path: ['tasks', '[]'], kind: 'key', taken: [] })
    expect(spotOf('tasks:\n- name: a\nso')).toMatchObject({ path: [], taken: ['tasks'] })
    expect(spotOf('tasks:\n- kind: tr')).toMatchObject({ path: ['tasks', '[]', 'kind'], kind: 'value', word: 'tr' })
  })

  it('is known within braces', () => {
    expect(spotOf('sources:\n- {name: src, clu')).toEqual({ path: ['sources', '[]'], kind: 'key', word: 'clu', taken: ['name'] })
    expect(spotOf('sources:\n- {name: src, cluster_storage: de')).toMatchObject({ path: ['sources', '[]', 'cluster_storage'], kind: 'value', word: 'de' })
    expect(spotOf('tasks: [{resources: [{limits: {c')).toMatchObject({ path: ['tasks', '[]', 'resources', '[]', 'limits'], kind: 'key', word: 'c' })
  })

  it('is nowhere in comments and in texts of several lines', () => {
    expect(spotOf('name: x # he')).toBeNull()
    expect(spotOf('summary: |\n  na')).toBeNull()
    expect(spotOf('tasks:\n- resources:\n  - command: |\n      na')).toBeNull()
  })
})

describe('completion', () => {
  it('offers fields that are not there yet', () => {
    expect(labels('')).toContain('tasks')
    expect(labels('name: x\n')).not.toContain('name')
    expect(labels('tasks:\n- name: a\n  resources:\n  - name: w\n    ')).toEqual(expect.arrayContaining(['command', 'limits', 'gpus', 'is_permanent']))
    expect(labels('tasks:\n- name: a\n  resources:\n  - name: w\n    workDir: x\n    ')).not.toContain('work_dir')
    expect(labels('sources:\n- name: a\n  git:\n    ')).toEqual(['repository', 'revision', 'account'])
  })

  it('offers values: words, flags, and names that only this server and project know', () => {
    expect(labels('tasks:\n- kind: ')).toEqual(['general', 'training', 'init', 'export'])
    expect(labels('tasks:\n- resources:\n  - is_permanent: ')).toEqual(['true', 'false'])
    expect(labels('sources:\n- cluster_storage: ')).toEqual(['default', 'fast'])
    expect(labels('tasks:\n- resources:\n  - volumes:\n    - source: ')).toEqual(['src', 'data'])
    expect(labels('tasks:\n- gpu_model: ')).toEqual(['A100'])
    expect(labels('tasks:\n- name: x\n  revisions:\n    ')).toEqual(['src', 'data'])
  })

  it('replaces the word that is being typed and offers nothing where nothing is known', () => {
    expect(completionsAt('tasks:\n- ki', schema as Schema, known)?.from).toBe('tasks:\n- '.length)
    expect(labels('nonsense:\n  a: ')).toBeNull()
    expect(labels('constructor:\n  ')).toBeNull()
  })
})
