import { Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { earlierJobQuery, formQuery, type Form } from '@/api/forms'
import { projectQuery, useMayEdit, type ProjectFull } from '@/api/projects'
import { useMe } from '@/api/session'
import { readForTab, rememberTab } from '@/lib/kept'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { EmptyState } from '@/ui/empty-state'
import { ErrorPanel, Loaded, Loading } from '@/ui/panel'
import { sayDone } from '@/ui/toast'
import { buildForm } from './api'
import { keyOf } from './draft'
import { readFields } from './fields'
import { FormEditor } from './form-editor'
import { FormFields } from './form-fields'
import classes from './form.module.css'
import { kExample, type FormTexts } from './form-text'
import { BuildForecast, RenderedTask } from './rendered-task'
import { goToWrong, useFill } from './use-fill'

const route = getRouteApi('/shell/projects/$project/form')

/** A project's simple form: to be filled in by whoever sees it, and edited by its owner. */
export function FormPage() {
  const { project: name } = route.useParams()
  const search = route.useSearch()
  const project = useQuery(projectQuery(name)).data
  const form = useQuery(formQuery(name))
  const id = project?.id
  useEffect(() => {
    if (id !== undefined) rememberTab(id, 'form')
  }, [id])
  if (!project) return null
  return (
    <div className={classes.page}>
      {form.data ? (
        <Shown key={project.id} project={project} form={form.data} edit={search.edit ?? false} />
      ) : (
        <div className={classes.notice}>
          <Loaded query={form} what="The form could not be read">
            {() => null}
          </Loaded>
        </div>
      )}
    </div>
  )
}

function Shown({ project, form, edit }: { project: ProjectFull; form: Form; edit: boolean }) {
  const mayEdit = useMayEdit(project)
  const navigate = route.useNavigate()
  const [start, setStart] = useState<FormTexts | null>(null)
  const fields = useMemo(() => readFields(form.text), [form.text])
  const go = (next: { edit?: true }) => void navigate({ search: (before) => ({ ...before, edit: next.edit }), replace: true })
  if (edit && mayEdit === undefined) return <Loading rows={10} />
  if (edit && mayEdit) {
    return (
      <FormEditor
        project={project}
        form={form}
        start={start}
        onClose={() => {
          setStart(null)
          go({})
        }}
      />
    )
  }
  if (fields.length === 0) {
    return (
      <Nothing
        project={project}
        mayEdit={mayEdit ?? false}
        onBegin={(texts) => {
          setStart(texts)
          go({ edit: true })
        }}
      />
    )
  }
  return <FillIn project={project} fields={fields} mayEdit={mayEdit ?? false} onEdit={() => go({ edit: true })} />
}

function Nothing({ project, mayEdit, onBegin }: { project: ProjectFull; mayEdit: boolean; onBegin: (texts: FormTexts | null) => void }) {
  if (!mayEdit) {
    return (
      <EmptyState title="This project has no form" action={<Link to="/projects/$project/tasks" params={{ project: project.name }}>Its tasks</Link>}>
        With a form anybody could start its jobs by filling in a few values. Its owner can give it one.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No form yet"
      command={`pintle form edit ${project.name}`}
      action={
        <Button variant="filled" onClick={() => onBegin(kExample)}>
          Begin with an example
        </Button>
      }
    >
      With a form people who write no code start jobs of this project: they fill in a few values and click Build. You say which values there are, and a template makes a task of them.
    </EmptyState>
  )
}

interface FillInProps {
  project: ProjectFull
  fields: ReturnType<typeof readFields>
  mayEdit: boolean
  onEdit: () => void
}

function FillIn({ project, fields, mayEdit, onEdit }: FillInProps) {
  const me = useMe()
  const search = route.useSearch()
  const here = route.useNavigate()
  const navigate = useNavigate()
  const fill = useFill(project, fields)
  const building = useAction()
  const preview = useRef<HTMLElement>(null)
  const earlier = useQuery({ ...earlierJobQuery(search.job ?? ''), enabled: search.job !== undefined && search.job !== fill.job })
  // Once for each job: what is typed after that stays.
  if (earlier.data && search.job === earlier.data.id && fill.job !== earlier.data.id) fill.fillFrom(earlier.data)
  const from = useQuery({ ...earlierJobQuery(fill.job ?? ''), enabled: fill.job !== null }).data
  const opened = useRef(search.preview ?? false)
  useEffect(() => {
    // Where there is no room beside the form it is below, out of sight.
    if (search.preview && !opened.current) preview.current?.scrollIntoView({ block: 'nearest' })
    opened.current = search.preview ?? false
  }, [search.preview])

  const blocked = project.disabled || fill.busy || fill.stuck.length > 0
  const build = async () => {
    if (building.busy || blocked) return
    const { request } = fill
    if (fill.wrong.length > 0 || request === null) {
      fill.touch(fill.visible.map((field) => field.name))
      goToWrong(fill)
      return
    }
    await building.run(async () => {
      try {
        const job = await buildForm(project, request)
        await navigate({ to: '/jobs/$job', params: { job: job.id } })
      } catch (error) {
        fill.refuse(error, request)
        throw error
      }
    })
  }
  useHotkeys([['mod+Enter', () => void build()]], [])
  const reset = () => {
    const undo = fill.reset()
    const { job } = search
    void here({ search: (before) => ({ ...before, job: undefined }), replace: true })
    sayDone('The form is as it was at first.', () => {
      undo()
      void here({ search: (before) => ({ ...before, job }), replace: true })
    })
  }
  const hasDraft = mayEdit && readForTab(keyOf(me.user, project.id)) !== null
  return (
    <>
      <div className={classes.bar}>
        <div className={classes.what}>
          {from ? (
            <span className="clip">
              Filled in as{' '}
              <Link to="/jobs/$job" params={{ job: from.id }}>
                {from.name}
              </Link>
            </span>
          ) : (
            <span className="dim">Fill it in and build: it becomes a job of yours.</span>
          )}
          {fill.changed > 0 && <span className="dim">{counted(fill.changed, 'value')} changed</span>}
        </div>
        {(fill.changed > 0 || fill.job !== null) && <Button onClick={reset}>Reset</Button>}
        {mayEdit && (
          <Button onClick={onEdit} leftSection={<span aria-hidden="true">✎</span>}>
            Edit form{hasDraft && ' · not saved'}
          </Button>
        )}
      </div>
      {search.job !== undefined && earlier.error !== null && (
        <div className={classes.notice}>
          <ErrorPanel error={earlier.error} what="The values of the earlier job could not be read" onRetry={() => void earlier.refetch()} />
        </div>
      )}
      {fill.lost.length > 0 && (
        <div className={classes.notice} role="status">
          <span className="tone-waiting" aria-hidden="true">
            ▲{' '}
          </span>
          <span className="wrap">The form has changed since {from?.name}: what it had for {fill.lost.join(', ')} has no place in it now.</span>
        </div>
      )}
      {building.error !== null && fill.wrong.length === 0 && (
        <div className={classes.notice}>
          <ErrorPanel error={building.error} what="It was not built" onRetry={() => void build()} />
        </div>
      )}
      <div className={classes.sides}>
        <div className={classes.fill} role="region" aria-label="Form" tabIndex={-1}>
          <div className={classes.inner}>
            <FormFields fields={fields} fill={fill} />
          </div>
        </div>
        {search.preview && (
          <section className={classes.preview} aria-label="Preview" ref={preview}>
            <RenderedTask fill={fill} forOwner={mayEdit} />
          </section>
        )}
      </div>
      <div className={classes.foot}>
        {project.disabled ? (
          <span className={classes.forecast}>
            <span className="tone-waiting" aria-hidden="true">
              ▲
            </span>
            The project is disabled: nothing of it runs until it is enabled.
          </span>
        ) : (
          <BuildForecast fill={fill} />
        )}
        <Button aria-pressed={search.preview ?? false} onClick={() => void here({ search: (before) => ({ ...before, preview: before.preview ? undefined : true }), replace: true, resetScroll: false })}>
          {search.preview ? 'Hide preview' : 'Preview'}
        </Button>
        <Button variant="filled" loading={building.busy} disabled={blocked} onClick={() => void build()} title="Ctrl+Enter">
          Build <span aria-hidden="true">&nbsp;▸</span>
        </Button>
      </div>
    </>
  )
}
