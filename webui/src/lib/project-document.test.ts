import { describe, expect, it } from 'vitest'
import { freshName, mountsEverything, nameFault, readProject, usesOf, volumesOf } from './project-document'

const kDocument = {
  name: 'vision',
  sources: [
    { name: 'src', git: 'https://host.example/team/repo' },
    { name: 'lib', git: { repository: 'https://host.example/team/lib', revision: 1.2 }, libraryDir: true },
    { name: 'data', 'cluster-storage': 'default', mountPath: '/data' },
    'nonsense',
  ],
  tasks: [
    { name: 'train', resources: [{ name: 'worker', workDir: '$SRC_DIR' }, { name: 'ps', volumes: [{ source: 'data', readOnly: true }] }] },
    { name: 'all', resources: [{ name: 'worker', volumes: [{ source: 'data' }], default_volume_mapping: true }] },
    null,
  ],
}

describe('a project document', () => {
  it('is read whatever the case of its fields, and whatever stands in the wrong place', () => {
    const project = readProject(kDocument)
    expect(project.tasks.map((task) => task.name)).toEqual(['train', 'all', ''])
    expect(project.tasks[0]?.resources[0]?.fields.work_dir).toBe('$SRC_DIR')
    expect(project.sources[1]).toMatchObject({ library_dir: true, origin: { kind: 'git', revision: '1.2' } })
    expect(project.sources[2]).toMatchObject({ mount_path: '/data', origin: { kind: 'cluster_storage', storage: 'default' } })
    expect(project.sources[3]).toMatchObject({ name: '', origin: { kind: 'other' } })
    expect(readProject('text').tasks).toEqual([])
    expect(readProject(null).name).toBe('')
  })

  it('says who mounts a source, by name or with everything', () => {
    const project = readProject(kDocument)
    expect(usesOf(project, 'data')).toEqual([
      { task: 'train', resource: 'worker', named: false },
      { task: 'train', resource: 'ps', named: true },
      { task: 'all', resource: 'worker', named: false },
    ])
    expect(usesOf(project, 'src').map((use) => use.resource)).toEqual(['worker', 'worker'])
    const ps = project.tasks[0]!.resources[1]!
    expect(mountsEverything(ps)).toBe(false)
    expect(volumesOf(ps)).toEqual([{ source: 'data', sub_path: '', mount_path: '', read_only: true }])
  })
})

describe('names', () => {
  it('have one to 63 letters, digits and dashes and are taken once', () => {
    expect(nameFault('a', [], 'task')).toBeNull()
    expect(nameFault('train', ['train'], 'task')).toContain('already')
    for (const bad of ['', '-a', 'a-', 'A', 'a_b', 'a'.repeat(64)]) expect(nameFault(bad, [], 'task')).not.toBeNull()
  })

  it('are made fresh by counting, within 63 letters', () => {
    expect(freshName('train', [])).toBe('train')
    expect(freshName('train', ['train', 'train-2'])).toBe('train-3')
    expect(freshName('train-2', ['train', 'train-2'])).toBe('train-3')
    expect(freshName('a'.repeat(63), ['a'.repeat(63)])).toHaveLength(63)
  })
})
