import { Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useRef, useState, type DragEvent } from 'react'
import { idempotencyKey } from '@/api/client'
import { ApiError } from '@/api/error'
import { projectQuery, validationQuery } from '@/api/projects'
import { parseText, writeText } from '@/lib/document-text'
import { takeApart } from '@/lib/git-place'
import { marksOf, type PlacedFault } from '@/lib/faults'
import { nameFault } from '@/lib/project-document'
import { CodeEditor } from '@/ui/code-editor'
import { Command } from '@/ui/copy'
import { FaultList } from '@/ui/fault-list'
import { GitFields } from '@/ui/git-fields'
import { Page } from '@/ui/page'
import { ErrorPanel } from '@/ui/panel'
import { sayDone } from '@/ui/toast'
import { createProject, importProject, type ProjectSaved } from './api'
import { documentOf, uploadsOf, withSummary } from './chosen-files'

const route = getRouteApi('/shell/projects/new')

/** A new project: empty, from a file, or from a git repository. */
export function NewProjectPage() {
  const { from } = route.useSearch()
  const navigate = useNavigate()
  const way = from ?? 'empty'
  return (
    <Page title="New project" crumbs={[{ text: 'Projects', link: { to: '/projects' } }]} filled>
      <Group px={16} pb={12}>
        <SegmentedControl
          aria-label="What to begin with"
          value={way}
          data={[
            { value: 'empty', label: 'Empty' },
            { value: 'file', label: 'From a file' },
            { value: 'git', label: 'From a git repository' },
            { value: 'catalog', label: 'From the catalog' },
          ]}
          onChange={(value) => void navigate(value === 'catalog' ? { to: '/catalog' } : { to: '/projects/new', search: value === 'file' || value === 'git' ? { from: value } : {}, replace: true })}
        />
      </Group>
      {way === 'file' ? <FromFile /> : way === 'git' ? <FromGit /> : <Empty />}
    </Page>
  )
}

/** Goes to a project that was just made, with its warnings told. */
function useArrive() {
  const navigate = useNavigate()
  const client = useQueryClient()
  return ({ project, warnings }: ProjectSaved, where: 'summary' | 'tasks' | 'sources') => {
    client.setQueryData(projectQuery(project.name).queryKey, project)
    sayDone(warnings.length > 0 ? `${project.name} is there, with ${warnings.length} warning${warnings.length > 1 ? 's' : ''}: ${warnings[0]?.path} ${warnings[0]?.message}` : `${project.name} is there.`)
    const params = { project: project.name }
    if (where === 'tasks') void navigate({ to: '/projects/$project/tasks', params })
    else if (where === 'sources') void navigate({ to: '/projects/$project/sources', params })
    else void navigate({ to: '/projects/$project', params })
  }
}

function Empty() {
  const arrive = useArrive()
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const key = useRef('')
  const fault = nameFault(name, [], 'project')
  const create = async () => {
    setTried(true)
    if (fault) return
    setBusy(true)
    setError(null)
    key.current ||= idempotencyKey()
    try {
      arrive(await createProject(writeText({ name }), key.current), 'tasks')
    } catch (failure) {
      // The key stands for this request alone unless nobody knows what became of it.
      if (failure instanceof ApiError && !failure.isUnreachable) key.current = ''
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
      style={{ padding: '0 16px', maxWidth: 520, overflow: 'auto' }}
    >
      <Stack gap={12}>
        <Text c="dimmed">A project without tasks; you add them, and the code and data they use, on the next pages.</Text>
        <TextInput
          label="Name"
          description="1 to 63 lower-case letters, digits and dashes"
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value)
            key.current = ''
          }}
          error={tried || name.length > 63 || /[^-a-z0-9]/.test(name) ? fault : null}
          autoFocus
          autoComplete="off"
          spellCheck={false}
        />
        {error !== null && <ErrorPanel error={error} what="The project was not made" />}
        <Group gap={8}>
          <Button type="submit" variant="filled" loading={busy}>
            Make the project
          </Button>
          <Button component={Link} to="/projects">
            Cancel
          </Button>
        </Group>
        <Text c="dimmed" mt={8}>
          From a terminal: <Command>pintle project create -f pintle.yaml</Command>
        </Text>
      </Stack>
    </form>
  )
}

const kLargest = 4 * 1024 * 1024

function FromFile() {
  const arrive = useArrive()
  const [text, setText] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [refused, setRefused] = useState<PlacedFault[]>([])
  const [busy, setBusy] = useState(false)
  const [over, setOver] = useState(false)
  const [missing, setMissing] = useState<string | null>(null)
  const [reveal, setReveal] = useState<{ line: number } | null>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const key = useRef('')
  const [settled] = useDebouncedValue(text, 300)
  const parsed = useMemo(() => parseText(text), [text])
  const checked = useQuery({ ...validationQuery(settled), enabled: settled.trim() !== '', placeholderData: keepPreviousData })
  const change = (next: string) => {
    setText(next)
    setRefused([])
    setError(null)
    key.current = ''
  }
  const take = async (list: Iterable<File>) => {
    setError(null)
    try {
      const files = [...list].filter((file) => file.size <= kLargest).slice(0, 20)
      const read = await Promise.all(files.map(async (file) => ({ name: file.webkitRelativePath || file.name, text: await file.text() })))
      const document = documentOf(read)
      if (!document) throw new Error('Choose a project file such as pintle.yaml, of at most 4 MiB.')
      const filled = withSummary(document.text, read)
      setMissing(filled.missing)
      change(filled.text)
    } catch (failure) {
      setError(failure)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (event.dataTransfer.files.length > 0) void take(event.dataTransfer.files)
  }
  const create = async () => {
    if (busy || text.trim() === '') return
    setBusy(true)
    setError(null)
    setRefused([])
    key.current ||= idempotencyKey()
    try {
      const uploads = uploadsOf(text)
      arrive(await createProject(text, key.current), uploads.length > 0 ? 'sources' : 'summary')
      if (uploads.length > 0) sayDone(`Still to be uploaded: ${uploads.map((each) => `${each.folder} into ${each.source}`).join(', ')}.`)
    } catch (failure) {
      if (failure instanceof ApiError && !failure.isUnreachable) key.current = ''
      if (failure instanceof ApiError && failure.details.length > 0) {
        setRefused(failure.details)
        const place = failure.details.find((fault) => fault.line !== null)
        if (place?.line) setReveal({ line: place.line })
      } else {
        setError(failure)
      }
    } finally {
      setBusy(false)
    }
  }
  const faults: PlacedFault[] = refused.length > 0 ? refused : checked.data && settled === text ? checked.data.faults : parsed.faults.map((fault) => ({ ...fault, path: '' }))
  const warnings = text !== '' && settled === text ? (checked.data?.warnings ?? []) : []
  return (
    <div
      style={{ display: 'flex', flexDirection: 'column', gap: 8, flex: 1, minHeight: 0, padding: '0 16px 12px', outline: over ? '2px dashed var(--accent)' : undefined, outlineOffset: -6 }}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap={8}>
        <Button onClick={() => chooser.current?.click()}>Choose a file…</Button>
        <Text c="dimmed">or drop it here, or paste it below; with its README.md if the file names one</Text>
        <input ref={chooser} type="file" multiple hidden accept=".yaml,.yml,.json,.md,.txt" data-testid="file" aria-label="Project file" onChange={(event) => event.currentTarget.files && void take(event.currentTarget.files)} />
      </Group>
      {missing !== null && (
        <Text className="wrap">
          <span className="tone-waiting" aria-hidden="true">
            ▲{' '}
          </span>
          The summary in {missing} was not chosen with the file, so the project begins without one. Choose both together to have it.
        </Text>
      )}
      <div style={{ flex: 1, minHeight: 160 }}>
        <CodeEditor label="Project file" language="yaml" value={text} onChange={change} faults={marksOf(text.trim() === '' ? [] : faults, warnings)} reveal={reveal} onSave={() => void create()} />
      </div>
      <div style={{ maxHeight: 140, overflow: 'auto' }} aria-live="polite">
        {error !== null && <ErrorPanel error={error} what="The project was not made" />}
        {text.trim() !== '' && <FaultList faults={faults} warnings={warnings} onPlace={(fault) => fault.line !== null && setReveal({ line: fault.line })} />}
      </div>
      <Group gap={8}>
        <Button variant="filled" loading={busy} disabled={text.trim() === '' || parsed.faults.length > 0} onClick={() => void create()}>
          Make the project
        </Button>
        <Button component={Link} to="/projects">
          Cancel
        </Button>
      </Group>
    </div>
  )
}

function FromGit() {
  const arrive = useArrive()
  const [form, setForm] = useState({ repository: '', revision: '', account: '', path: '', name: '' })
  const [taken, setTaken] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const key = useRef('')
  const wrong = form.name === '' ? null : nameFault(form.name, [], 'project')
  const set = (next: Partial<typeof form>) => {
    setForm({ ...form, ...next })
    // What was refused was another request.
    setError(null)
    key.current = ''
  }
  // Addresses of folders are taken apart where one sees it; the server would do the same.
  const setRepository = (typed: string) => {
    const place = takeApart(typed)
    const folder = place?.sub_path.split('/').slice(1).join('/') ?? ''
    setTaken(place !== null && place.revision + folder !== '')
    if (!place) set({ repository: typed })
    else set({ repository: place.repository, ...(place.revision === '' ? {} : { revision: place.revision }), ...(folder === '' ? {} : { path: `${folder}/pintle.yaml` }) })
  }
  const create = async () => {
    if (form.repository.trim() === '' || wrong) return
    setBusy(true)
    setError(null)
    key.current ||= idempotencyKey()
    try {
      arrive(await importProject({ ...form, repository: form.repository.trim(), revision: form.revision.trim(), path: form.path.trim() }, key.current), 'summary')
    } catch (failure) {
      if (failure instanceof ApiError && !failure.isUnreachable) key.current = ''
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const text = { autoComplete: 'off', spellCheck: false, inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[] }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
      style={{ padding: '0 16px 16px', maxWidth: 520, overflow: 'auto' }}
    >
      <Stack gap={12}>
        <Text c="dimmed">The repository holds the project&apos;s file; its code becomes a source.</Text>
        <GitFields
          repository={form.repository}
          revision={form.revision}
          account={form.account}
          onRepository={setRepository}
          onRevision={(revision) => set({ revision })}
          onAccount={(account) => set({ account })}
          hint={taken ? 'Revision and file were in the address.' : 'Or the address of the folder with the file'}
          accountHint="For a private repository"
          autoFocus
        />
        <TextInput {...text} label="File" placeholder="pintle.yaml" description="Where the project's file is in the repository" value={form.path} onChange={(event) => set({ path: event.currentTarget.value })} />
        <TextInput {...text} label="Name" placeholder="as the file says" value={form.name} error={wrong} onChange={(event) => set({ name: event.currentTarget.value })} />
        {error !== null && <ErrorPanel error={error} what="The project was not made" />}
        <Group gap={8}>
          <Button type="submit" variant="filled" loading={busy} disabled={form.repository.trim() === '' || wrong !== null}>
            Make the project
          </Button>
          <Button component={Link} to="/projects">
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
