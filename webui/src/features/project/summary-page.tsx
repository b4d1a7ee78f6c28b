import { Button, Group, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { ApiError } from '@/api/error'
import { projectQuery, type ProjectFull } from '@/api/projects'
import { useMe } from '@/api/session'
import { rememberTab } from '@/lib/kept'
import { readProject, scalarText } from '@/lib/project-document'
import { counted } from '@/lib/quantity'
import { useAction } from '@/ui/action'
import { CodeEditor } from '@/ui/code-editor'
import { EmptyState } from '@/ui/empty-state'
import { LeaveGuard } from '@/ui/leave-guard'
import { Markdown } from '@/ui/markdown'
import { ErrorPanel } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { sayDone } from '@/ui/toast'
import { factsQuery, keepProject, saveSummary } from './api'
import classes from './summary.module.css'

const route = getRouteApi('/shell/projects/$project')
const summaryRoute = getRouteApi('/shell/projects/$project/')

/** What a project is about, and a few facts. */
export function SummaryPage() {
  const { project: name } = route.useParams()
  const { data: project } = useQuery(projectQuery(name))
  const [editing, setEditing] = useState<ProjectFull | null>(null)
  const { tab } = summaryRoute.useSearch()
  const id = project?.id
  useEffect(() => {
    if (tab && id !== undefined) rememberTab(id, 'summary')
  }, [tab, id])
  if (!project) return null
  const summary = scalarText(readProject(project.document).fields.summary)
  if (editing) return <SummaryEditor key={editing.id} from={editing} onDone={() => setEditing(null)} />
  return (
    <div className={classes.scroller}>
      <Facts project={project} />
      {summary.trim() === '' ? (
        <EmptyState
          title="What is this project about?"
          action={
            <Button variant="filled" onClick={() => setEditing(project)}>
              Write a summary
            </Button>
          }
          command={`pintle project edit ${project.name}`}
        >
          Say here what it does, how to run it and where results are, in Markdown, for everybody who sees it.
        </EmptyState>
      ) : (
        <div className={classes.text}>
          <Button className={classes.pen ?? ''} onClick={() => setEditing(project)} leftSection={<span aria-hidden="true">✎</span>}>
            Edit
          </Button>
          <Markdown>{summary}</Markdown>
        </div>
      )}
    </div>
  )
}

function Facts({ project }: { project: ProjectFull }) {
  const me = useMe()
  const { data: facts } = useQuery(factsQuery(project, me.isOperator))
  const document = readProject(project.document)
  const params = { project: project.name }
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Group</dt>
        <dd className="clip">{facts ? (facts.group ?? 'none') : '–'}</dd>
      </div>
      <div>
        <dt>Owner</dt>
        <dd>{facts ? (facts.own ? 'you' : 'somebody else') : '–'}</dd>
      </div>
      <div>
        <dt>Tasks</dt>
        <dd>
          <Link to="/projects/$project/tasks" params={params}>
            {document.tasks.length}
          </Link>
        </dd>
      </div>
      <div>
        <dt>Sources</dt>
        <dd>
          <Link to="/projects/$project/sources" params={params}>
            {document.sources.length}
          </Link>
        </dd>
      </div>
      <div>
        <dt>Jobs</dt>
        <dd>{facts ? `${counted(facts.jobs.live, 'live', 'live')} of ${facts.jobs.total.toLocaleString('en')}` : '–'}</dd>
      </div>
      <div>
        <dt>Changed</dt>
        <dd>
          <TimeAgo at={project.updated_at} /> <span className="dim">(revision {project.revision})</span>
        </dd>
      </div>
      <div>
        <dt>Made</dt>
        <dd>
          <TimeAgo at={project.created_at} />
        </dd>
      </div>
    </dl>
  )
}

function SummaryEditor({ from, onDone }: { from: ProjectFull; onDone: () => void }) {
  const client = useQueryClient()
  const before = scalarText(readProject(from.document).fields.summary)
  const [text, setText] = useState(before)
  const [base, setBase] = useState(from)
  const [shown] = useDebouncedValue(text, 250)
  const action = useAction()
  const dirty = text !== before
  const conflict = action.error instanceof ApiError && action.error.isConflict
  const save = (onto: ProjectFull) =>
    action.run(async () => {
      const { project } = await saveSummary(onto, text)
      keepProject(client, project)
      sayDone('The summary is saved.')
      onDone()
    })
  // Others' changes of tasks and sources are no conflict with the summary: only another summary is.
  const again = async () => {
    const now = await client.fetchQuery({ ...projectQuery(base.name), staleTime: 0 })
    setBase(now)
    return now
  }
  const trySave = async () => {
    const now = client.getQueryData(projectQuery(base.name).queryKey) ?? base
    const theirs = scalarText(readProject(now.document).fields.summary)
    return save(theirs === before ? now : base)
  }
  return (
    <div className={classes.editing}>
      <div className={classes.sides}>
        <CodeEditor label="Summary in Markdown" language="markdown" value={text} onChange={setText} onSave={() => void trySave()} />
        <div className={classes.preview} role="region" aria-label="Preview" tabIndex={0}>
          {shown.trim() === '' ? <Text c="dimmed">The preview is here.</Text> : <Markdown>{shown}</Markdown>}
        </div>
      </div>
      {conflict ? (
        <Group role="alert" gap={8} p={10} style={{ border: '1px solid var(--waiting)', borderRadius: 4, background: 'var(--waiting-soft)' }}>
          <span className="tone-waiting" aria-hidden="true">
            ▲
          </span>
          Somebody changed the project meanwhile.
          <Button onClick={() => void action.run(async () => save(await again()))}>Save mine over it</Button>
          <Button
            onClick={() =>
              void action.run(async () => {
                await again()
                onDone()
              })
            }
          >
            Take theirs
          </Button>
        </Group>
      ) : (
        action.error !== null && <ErrorPanel error={action.error} what="The summary was not saved" onRetry={() => void trySave()} />
      )}
      <Group gap={8}>
        <Button variant="filled" loading={action.busy} disabled={!dirty} onClick={() => void trySave()}>
          Save
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </Group>
      <LeaveGuard isDirty={() => dirty} onSave={trySave} />
    </div>
  )
}
