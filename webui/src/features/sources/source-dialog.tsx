import { Checkbox, Group, SegmentedControl, Select, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { accountNamesQuery } from '@/api/accounts'
import { projectQuery, type ProjectFull } from '@/api/projects'
import { storagesQuery } from '@/api/storages'
import { fieldsOf, listOf, nameFault, readProject, scalarText, usesOf, type SourceModel } from '@/lib/project-document'
import { takeApart } from '@/lib/git-place'
import { fileSizeText } from '@/lib/quantity'
import { AccountSelect } from '@/ui/account-select'
import { FormModal } from '@/ui/form-modal'
import { GitFields } from '@/ui/git-fields'
import { sayDone, sayFailed } from '@/ui/toast'
import { saveParts } from './api'
import { isIncomplete, isNamed, kKinds, mountFault, placeText, removeSource, replaceSource, sourceOf, subPathFault, type Kind, type SourceForm } from './source-rules'

interface Props {
  project: ProjectFull
  onClose: () => void
}

function formOf(source: SourceModel | null): SourceForm {
  const origin = source?.origin
  return {
    name: source?.name ?? '',
    kind: origin && origin.kind !== 'other' ? origin.kind : 'cluster_storage',
    repository: origin?.kind === 'git' ? origin.repository : '',
    revision: origin?.kind === 'git' ? origin.revision : '',
    storage: origin?.kind === 'cluster_storage' ? origin.storage : '',
    server: origin?.kind === 'nfs' || origin?.kind === 's3' ? origin.server : '',
    path: origin?.kind === 'nfs' ? origin.path : '/',
    bucket: origin?.kind === 's3' ? origin.bucket : '',
    region: origin?.kind === 's3' ? origin.region : '',
    account: origin?.kind === 'git' || origin?.kind === 's3' ? origin.account : '',
    copies: origin?.kind === 's3' && origin.copies,
    sub_path: source?.sub_path ?? '',
    mount_path: source?.mount_path ?? '',
    read_only: source?.read_only ?? false,
    library_dir: source?.library_dir ?? false,
  }
}

const kOrder: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']

/** Adds a source, or changes one. */
export function SourceDialog({ project, source, onClose, onSaved }: Props & { source: SourceModel | null; onSaved: (name: string) => void }) {
  const client = useQueryClient()
  const storages = useQuery(storagesQuery)
  const keys = useQuery(accountNamesQuery('s3')).data ?? []
  const [form, setForm] = useState(() => formOf(source))
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const set = (next: Partial<SourceForm>) => {
    setForm({ ...form, ...next })
    setTouched(new Set([...touched, ...Object.keys(next)]))
  }
  const [taken, setTaken] = useState(false)
  // Addresses of folders are taken apart where one sees it; the server would do the same.
  const setRepository = (typed: string) => {
    const place = takeApart(typed)
    setTaken(place !== null && place.revision + place.sub_path !== '')
    if (!place) set({ repository: typed })
    else set({ repository: place.repository, ...(place.revision === '' ? {} : { revision: place.revision }), ...(place.sub_path === '' ? {} : { sub_path: place.sub_path }) })
  }
  const names = readProject(project.document).sources.map((each) => each.name)
  const first = storages.data?.[0]?.name ?? ''
  const storage = form.storage || first
  const mount = form.mount_path
  const wrongName = nameFault(form.name, names.filter((name) => name !== source?.name), 'source')
  // Documents may leave the mount path out; who fills in a form says it.
  const wrongMount = source && source.mount_path === '' && mount === '' ? null : mountFault(mount)
  const wrongSub = subPathFault(form.sub_path)
  const incomplete = isIncomplete({ ...form, storage })
  const submit = async () => {
    const list = listOf(fieldsOf(project.document).sources)
    const before = list.find((each) => scalarText(fieldsOf(each).name) === source?.name)
    const next = sourceOf({ ...form, storage }, source ? before : {})
    const { project: saved } = await saveParts(project, source ? replaceSource(project.document, source.name, next) : { sources: [...list, next] })
    client.setQueryData(projectQuery(saved.name).queryKey, saved)
    onSaved(form.name)
  }
  return (
    <FormModal opened title={source ? `Edit ${source.name}` : 'Add a source'} button={source ? 'Save' : 'Add'} onSubmit={submit} onClose={onClose} disabled={wrongName !== null || wrongMount !== null || wrongSub !== null || incomplete}>
      <SegmentedControl
        aria-label="Type"
        value={form.kind}
        onChange={(kind) => set({ kind: kind as Kind })}
        data={(['cluster_storage', 'git', 'nfs', 's3'] as const).map((kind) => ({ value: kind, label: kKinds[kind].name }))}
      />
      <TextInput
        label="Name"
        description={`Programs find it at $${(form.name || 'name').toUpperCase().replace(/-/g, '_')}_DIR`}
        inputWrapperOrder={kOrder}
        required
        value={form.name}
        error={touched.has('name') ? wrongName : null}
        onChange={(event) => {
          const name = event.currentTarget.value
          // A mount path that was only proposed follows the name.
          const proposed = !source && (mount === '' || mount === `/workspace/${form.name}`)
          set({ name, ...(proposed ? { mount_path: name === '' ? '' : `/workspace/${name}` } : {}) })
        }}
        data-autofocus
        autoComplete="off"
        spellCheck={false}
      />
      {form.kind === 'git' ? (
        <GitFields
          repository={form.repository}
          revision={form.revision}
          account={form.account}
          onRepository={setRepository}
          onRevision={(revision) => set({ revision })}
          onAccount={(account) => set({ account })}
          hint={taken ? 'Revision and sub path were in the address.' : 'Or the address of one of its folders'}
          accountHint="To read it, and to push back"
        />
      ) : form.kind === 'nfs' ? (
        <Group grow align="flex-start">
          <TextInput label="Server" required placeholder="10.0.0.5" value={form.server} onChange={(event) => set({ server: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
          <TextInput label="Path" required placeholder="/exports/data" description="The folder that the server exports" inputWrapperOrder={kOrder} value={form.path} error={form.path.startsWith('/') ? null : 'It begins with a slash.'} onChange={(event) => set({ path: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
        </Group>
      ) : form.kind === 's3' ? (
        <>
          <Group grow align="flex-start">
            <TextInput label="Server" placeholder="Amazon S3" description="Empty means Amazon" inputWrapperOrder={kOrder} value={form.server} onChange={(event) => set({ server: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
            <TextInput label="Bucket" required value={form.bucket} onChange={(event) => set({ bucket: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
            <TextInput label="Region" placeholder="us-east-1" value={form.region} onChange={(event) => set({ region: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
          </Group>
          <AccountSelect names={keys} value={form.account} onChange={(account) => set({ account })} description="Empty for a public bucket" />
          <Checkbox label="Copy" description="Copied before a job starts, and what it changed copied back at its end, instead of mounted" checked={form.copies} onChange={(event) => set({ copies: event.currentTarget.checked })} />
        </>
      ) : storages.data?.length === 0 ? (
        <Text>
          <span className="tone-waiting" aria-hidden="true">
            ▲{' '}
          </span>
          The server has no storage. Ask an administrator to set one up.
        </Text>
      ) : (
        <Select
          label="Storage"
          required
          data={(storages.data ?? []).map((each) => ({ value: each.name, label: each.free_bytes === null ? each.name : `${each.name} (${fileSizeText(each.free_bytes)} free)` }))}
          value={storage || null}
          onChange={(value) => set({ storage: value ?? '' })}
          allowDeselect={false}
          error={storages.error ? 'The storages could not be read.' : null}
        />
      )}
      <TextInput
        label="Sub path"
        inputWrapperOrder={kOrder}
        value={form.sub_path}
        description={placeText(form)}
        error={wrongSub}
        onChange={(event) => set({ sub_path: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
      />
      <TextInput label="Mount path" required={wrongMount !== null || mount !== ''} inputWrapperOrder={kOrder} description="Absolute, or below the default mount path" value={mount} error={touched.has('mount_path') ? wrongMount : null} onChange={(event) => set({ mount_path: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
      <Checkbox label="Read only" description="Replicas may not change it" checked={form.read_only} onChange={(event) => set({ read_only: event.currentTarget.checked })} />
      <Checkbox label="Library" description="Its mount path joins PYTHONPATH" checked={form.library_dir} onChange={(event) => set({ library_dir: event.currentTarget.checked })} />
    </FormModal>
  )
}

/** Takes a source out of the project, after saying who mounts it; can be undone, as its content stays. */
export function RemoveDialog({ project, source, onClose }: Props & { source: SourceModel }) {
  const client = useQueryClient()
  const uses = usesOf(readProject(project.document), source.name)
  const byName = isNamed(project.document, source.name)
  const keepSaved = (saved: ProjectFull) => client.setQueryData(projectQuery(saved.name).queryKey, saved)
  const submit = async () => {
    const before = { sources: [...listOf(fieldsOf(project.document).sources)], tasks: [...listOf(fieldsOf(project.document).tasks)] }
    const { project: saved } = await saveParts(project, removeSource(project.document, source.name))
    keepSaved(saved)
    sayDone(`${source.name} is taken out; its content stays.`, () => {
      void saveParts(saved, before).then(
        (answer) => keepSaved(answer.project),
        (error: unknown) => sayFailed(`${source.name} could not be put back`, error),
      )
    })
  }
  return (
    <FormModal opened title={`Take ${source.name} out of ${project.name}?`} button="Take it out" onSubmit={submit} onClose={onClose} danger>
      <Text>{source.origin.kind === 'other' ? 'Its content stays.' : kKinds[source.origin.kind].stays}</Text>
      {uses.length === 0 ? (
        <Text c="dimmed">No task mounts it.</Text>
      ) : (
        <div>
          <Text>Their next jobs find it no more{byName ? '; mounts that name it go too' : ''}:</Text>
          <ul style={{ margin: '4px 0 0', paddingLeft: 20, maxHeight: 160, overflow: 'auto' }}>
            {uses.map((use) => (
              <li key={`${use.task}/${use.resource}`} className="wrap">
                {use.task} / {use.resource} <span className="dim">{use.named ? 'mounts it by name' : 'mounts every source'}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </FormModal>
  )
}
