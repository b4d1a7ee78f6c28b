import { Button, SegmentedControl, Text } from '@mantine/core'
import { useDebouncedValue, useHotkeys, useMediaQuery } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useRef, useState } from 'react'
import { ApiError } from '@/api/error'
import { projectQuery, validationQuery, type ProjectFull } from '@/api/projects'
import { useMe } from '@/api/session'
import { storagesQuery } from '@/api/storages'
import { lineOf, parseText } from '@/lib/document-text'
import { marksOf, type PlacedFault } from '@/lib/faults'
import { listOf, readProject, scalarText } from '@/lib/project-document'
import { counted } from '@/lib/quantity'
import { CodeEditor } from '@/ui/code-editor'
import { EmptyState } from '@/ui/empty-state'
import { FaultList } from '@/ui/fault-list'
import { ErrorPanel } from '@/ui/panel'
import { sayDone } from '@/ui/toast'
import { gpuModelsQuery, runTask, saveDocument, schemaQuery } from './api'
import { completionsAt } from './completion'
import { Conflict } from './conflict'
import { afterSaving, freshDraft, isConflict, isDirty, onTopOf } from './draft'
import { addResource, addTask, duplicate, move, pathOf, remove, rename, type Made, type Place } from './edits'
import { LeaveGuard } from './leave-guard'
import { ResourceForm } from './resource-form'
import { ForecastLine, RunOptionsButton } from './run-bar'
import { kNoOptions, optionFaults, requestOf, type RunOptions } from './run-options'
import { ProjectForm, TaskForm } from './task-form'
import { ResourceList, TaskTree, type Chosen } from './task-tree'
import classes from './tasks.module.css'
import { useDraft } from './use-draft'

const route = getRouteApi('/shell/projects/$project/tasks')

type View = 'form' | 'both' | 'yaml'

/** The tasks of a project: a tree, a form and the text, which are three views of one draft. */
export function TasksPage() {
  const { project: name } = route.useParams()
  const { data: project } = useQuery(projectQuery(name))
  return project ? <Editor key={project.id} project={project} /> : null
}

const kSettleMs = 350

/** The line of the text where a task or resource stands; the first task's where none is named. */
function revealOf(text: string, task: string | undefined, resource: string | undefined): { line: number } | null {
  const { tasks } = readProject(parseText(text).value)
  const at = task === undefined ? 0 : tasks.findIndex((each) => each.name === task)
  const within = tasks[at]?.resources.findIndex((each) => each.name === resource) ?? -1
  const line = tasks[at] ? lineOf(text, pathOf(within < 0 ? { task: at } : { task: at, resource: within })) : null
  return line === null ? null : { line }
}

function Editor({ project }: { project: ProjectFull }) {
  const me = useMe()
  const client = useQueryClient()
  const navigate = useNavigate()
  const search = route.useSearch()
  const wide = useMediaQuery('(min-width: 1200px)', true, { getInitialValueInEffect: false })
  const { draft, change, now } = useDraft(me.user, project)
  const [refused, setRefused] = useState<{ text: string; faults: PlacedFault[] } | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState<'save' | 'run' | null>(null)
  const [comparing, setComparing] = useState(false)
  const [options, setOptions] = useState<RunOptions>(kNoOptions)
  const [reveal, setReveal] = useState(() => revealOf(draft.text, search.task, search.resource))
  const form = useRef<HTMLDivElement>(null)

  const { text } = draft
  const dirty = isDirty(draft)
  const parsed = useMemo(() => parseText(text), [text])
  const broken = parsed.faults.length > 0
  const model = useMemo(() => readProject(parsed.value), [parsed])
  const foreign = scalarText(model.fields.kind) !== '' && model.fields.spec !== undefined
  const [settled] = useDebouncedValue(text, kSettleMs)
  const checked = useQuery({ ...validationQuery(settled, project.id), enabled: dirty, placeholderData: keepPreviousData })
  const storages = useQuery(storagesQuery).data
  const gpuModels = useQuery(gpuModelsQuery).data
  const schema = useQuery(schemaQuery).data
  const faults = useMemo((): PlacedFault[] => {
    if (broken) return parsed.faults.map((fault) => ({ ...fault, path: '' }))
    if (refused?.text === text) return refused.faults
    return dirty ? (checked.data?.faults ?? []) : []
  }, [broken, parsed, refused, text, dirty, checked.data])
  const warnings = useMemo(() => (dirty && !broken ? (checked.data?.warnings ?? []) : []), [dirty, broken, checked.data])
  const marks = useMemo(() => marksOf(faults, warnings), [faults, warnings])

  const taskIndex = search.task === undefined ? (model.tasks.length > 0 ? 0 : -1) : model.tasks.findIndex((task) => task.name === search.task)
  const task = model.tasks[taskIndex]
  const resourceIndex = search.resource === undefined ? -1 : (task?.resources.findIndex((each) => each.name === search.resource) ?? -1)
  const resource = task?.resources[resourceIndex]
  const chosen: Chosen = search.all || !task ? 'all' : resource ? { task: taskIndex, resource: resourceIndex } : { task: taskIndex }
  const view: View = search.view ?? (wide ? 'both' : 'form')

  const setText = useCallback((next: string) => change((before) => ({ ...before, text: next })), [change])
  const show = useCallback(
    (next: { task?: string; resource?: string | undefined } | 'all', from: string) => {
      setReveal(next === 'all' ? { line: 1 } : revealOf(from, next.task, next.resource))
      void navigate({
        to: '/projects/$project/tasks',
        params: { project: project.name },
        search: (before) => ({ ...(before.view ? { view: before.view } : {}), ...(next === 'all' ? { all: true } : { ...(next.task ? { task: next.task } : {}), ...(next.resource ? { resource: next.resource } : {}) }) }),
        replace: true,
      })
    },
    [navigate, project.name],
  )
  const made = (next: Made) => {
    setText(next.text)
    show({ task: next.task, resource: next.resource }, next.text)
  }
  const edit = () => form.current?.querySelector<HTMLElement>('input, textarea')?.focus()
  const actions = {
    choose: (next: Chosen) => show(next === 'all' ? 'all' : { task: model.tasks[next.task]?.name ?? '', resource: next.resource === undefined ? undefined : model.tasks[next.task]?.resources[next.resource]?.name }, text),
    addTask: () => made(addTask(text)),
    addResource: (index: number) => made(addResource(text, index)),
    duplicate: (place: Place) => made(duplicate(text, place)),
    remove: (place: Place) => {
      const what = place.resource === undefined ? model.tasks[place.task]?.name : model.tasks[place.task]?.resources[place.resource]?.name
      const removed = remove(text, place)
      setText(removed.text)
      show(place.resource === undefined ? { task: model.tasks[place.task + 1]?.name ?? model.tasks[place.task - 1]?.name ?? '' } : { task: task?.name ?? '' }, removed.text)
      sayDone(`${what} is removed.`, () => change((before) => ({ ...before, text: removed.undo(before.text) })))
    },
    move: (place: Place, by: number) => setText(move(text, place, by)),
    edit,
  }
  const renameTo = (place: Place, name: string) => {
    const before = text
    const renamed = rename(text, place, name)
    setText(renamed.text)
    show(place.resource === undefined ? { task: name } : { task: task?.name ?? '', resource: name }, renamed.text)
    if (renamed.mentions > 0) sayDone(`Its variables were renamed in ${counted(renamed.mentions, 'field')} of the task.`, () => change((later) => (later.text === renamed.text ? { ...later, text: before } : later)))
  }

  /** The saved project, or nothing when it could not be saved; why is shown then. */
  const save = async (onto?: ProjectFull): Promise<ProjectFull | null> => {
    if (onto) change((before) => onTopOf(before, onto))
    const { revision, text: sent } = now()
    if (!isDirty(now()) && !onto) return project
    setFailure(null)
    try {
      const { project: saved } = await saveDocument(project, revision, sent)
      change((before) => afterSaving(before, sent, saved))
      setRefused(null)
      client.setQueryData(projectQuery(saved.name).queryKey, saved)
      if (saved.name !== project.name) void navigate({ to: '/projects/$project/tasks', params: { project: saved.name }, search: (before) => before, replace: true })
      return saved
    } catch (error) {
      await explain(error, sent, revision)
      return null
    }
  }
  const explain = async (error: unknown, sent: string, revision: number) => {
    if (error instanceof ApiError && error.isConflict) {
      // A conflict may be about something else, such as a name that is taken.
      const latest = await client.fetchQuery({ ...projectQuery(project.name), staleTime: 0 }).catch(() => null)
      if (latest && latest.revision !== revision) return setComparing(true)
    }
    if (error instanceof ApiError && error.details.length > 0) {
      setRefused({ text: sent, faults: error.details })
      const placed = error.details.find((fault) => fault.line !== null)
      if (placed?.line) setReveal({ line: placed.line })
      return
    }
    setFailure(error)
  }
  const saveOnly = async () => {
    if (busy) return
    setBusy('save')
    if (await save()) sayDone('Saved.')
    setBusy(null)
  }
  const saveAndRun = async () => {
    if (busy || !task) return
    setBusy('run')
    try {
      const saved = await save()
      if (saved) {
        const job = await runTask(saved, task.name, requestOf(options))
        await navigate({ to: '/jobs/$job', params: { job: job.id } })
      }
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(null)
    }
  }
  const discard = () => {
    const before = now()
    change(() => freshDraft(project))
    setRefused(null)
    setFailure(null)
    sayDone('Your changes are discarded.', () => change(() => before))
  }
  useHotkeys([['mod+S', () => void saveOnly()], ['mod+Enter', () => void saveAndRun()]], [])

  const complete = useCallback(
    (before: string) => (schema ? completionsAt(before, schema, { sources: model.sources.map((source) => source.name), storages: storages?.map((storage) => storage.name) ?? [], gpuModels: gpuModels ?? [] }) : null),
    [schema, model, storages, gpuModels],
  )

  const guard = <LeaveGuard isDirty={() => isDirty(now())} onSave={async () => (await save()) !== null} onDiscard={() => change(() => freshDraft(project))} />
  if (model.tasks.length === 0 && !dirty && !search.view) {
    return (
      <div style={{ overflow: 'auto' }}>
        <EmptyState
          title="No tasks yet"
          command={`pintle project edit ${project.name}`}
          action={
            <div style={{ display: 'flex', gap: 8 }}>
              <Button variant="filled" onClick={actions.addTask}>
                Add a task
              </Button>
              <Button onClick={() => void navigate({ to: '/projects/$project/tasks', params: { project: project.name }, search: { view: 'yaml' } })}>Write YAML</Button>
            </div>
          }
        >
          A task says what to run: a command for each of its resources, such as workers and a parameter server, how many replicas of them, and what they need.
        </EmptyState>
      </div>
    )
  }

  const runnable = task !== undefined && !broken && !project.disabled && Object.keys(optionFaults(options)).length === 0
  const shared = { text, onText: setText, project: model, faults }
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <div className={classes.what}>
          <Text fw={600} className="clip">
            {chosen === 'all' ? 'All tasks' : resource ? `${task?.name} / ${resource.name}` : task?.name}
          </Text>
          <span className="dim clip" aria-live="polite">
            {dirty ? 'not saved' : `saved, revision ${draft.revision}`}
            {faults.length > 0 && <span className="tone-bad"> · ✕ {counted(faults.length, 'fault')}</span>}
          </span>
        </div>
        <SegmentedControl
          aria-label="View"
          value={view}
          data={[
            { value: 'form', label: 'Form' },
            { value: 'both', label: 'Both' },
            { value: 'yaml', label: 'YAML' },
          ]}
          onChange={(value) => void navigate({ to: '/projects/$project/tasks', params: { project: project.name }, search: (before) => ({ ...before, view: value as View }), replace: true })}
        />
        {dirty && <Button onClick={discard}>Discard</Button>}
        <Button onClick={() => void saveOnly()} disabled={!dirty || broken} loading={busy === 'save'}>
          Save
        </Button>
        <RunOptionsButton options={options} onOptions={setOptions} />
        <Button variant="filled" onClick={() => void saveAndRun()} disabled={!runnable} loading={busy === 'run'}>
          {dirty ? 'Save and run' : 'Run'} <span aria-hidden="true">&nbsp;▸</span>
        </Button>
      </div>
      <div className={classes.notice}>
        {failure !== null && (
          <div style={{ padding: '8px 16px' }}>
            <ErrorPanel error={failure} what="It was not done" onRetry={() => void saveOnly()} />
          </div>
        )}
        {isConflict(draft, project) && !comparing && (
          <div role="alert" style={{ display: 'flex', gap: 10, alignItems: 'center', padding: '6px 16px', background: 'var(--waiting-soft)' }}>
            <span className="tone-waiting" aria-hidden="true">
              ▲
            </span>
            Somebody else saved revision {project.revision} while you edited revision {draft.revision}.
            <Button onClick={() => setComparing(true)}>Compare</Button>
          </div>
        )}
      </div>
      <TaskTree project={model} faults={faults} chosen={chosen} actions={actions} disabled={broken || foreign} />
      <div className={classes.views}>
        {view !== 'yaml' && (
          <div className={classes.form} ref={form}>
            {broken ? (
              <Text className="wrap">
                <span className="tone-bad" aria-hidden="true">
                  ✕{' '}
                </span>
                The YAML cannot be read in line {parsed.faults[0]?.line}: {parsed.faults[0]?.message}. Mend it there to go on with the form.
              </Text>
            ) : foreign ? (
              <Text className="wrap">This document is written in another form. Save it, and it becomes a project of Pintle with tasks to edit here.</Text>
            ) : chosen === 'all' ? (
              <ProjectForm {...shared} />
            ) : resource && chosen.resource !== undefined ? (
              <ResourceForm key={`${taskIndex}/${resourceIndex}`} {...shared} place={{ task: taskIndex, resource: resourceIndex }} resource={resource} onRename={(name) => renameTo(chosen, name)} />
            ) : task ? (
              <>
                <TaskForm key={taskIndex} {...shared} index={taskIndex} task={task} gpuModels={gpuModels ?? []} onRename={(name) => renameTo(chosen, name)} />
                {task.resources.length === 1 && task.resources[0] ? (
                  <ResourceForm key={`${taskIndex}/0`} {...shared} place={{ task: taskIndex, resource: 0 }} resource={task.resources[0]} onRename={(name) => renameTo({ task: taskIndex, resource: 0 }, name)} />
                ) : (
                  <ResourceList task={task} onChoose={(index) => actions.choose({ task: taskIndex, resource: index })} />
                )}
              </>
            ) : null}
          </div>
        )}
        {view !== 'form' && (
          <div className={classes.yaml}>
            <div className={classes.editor}>
              <CodeEditor label="Project document in YAML" language="yaml" value={text} onChange={setText} faults={marks} complete={complete} onSave={() => void saveOnly()} reveal={reveal} />
            </div>
            <div className={classes.faults}>
              <FaultList faults={faults} warnings={warnings} onPlace={(fault) => fault.line !== null && setReveal({ line: fault.line })} />
            </div>
          </div>
        )}
      </div>
      <ForecastLine project={project} task={task?.name ?? ''} document={broken || foreign || taskIndex < 0 ? undefined : listOf(model.fields.tasks)[taskIndex]} options={options} onOptions={setOptions} />
      {comparing && project.revision > draft.revision && (
        <Conflict
          project={project}
          draft={draft}
          onClose={() => setComparing(false)}
          onKeepMine={() => {
            setComparing(false)
            void save(project).then((saved) => saved && sayDone('Saved over theirs.'))
          }}
          onTakeTheirs={() => {
            setComparing(false)
            discard()
          }}
          onEdit={() => {
            setComparing(false)
            change((before) => onTopOf(before, project))
          }}
        />
      )}
      {guard}
    </div>
  )
}
