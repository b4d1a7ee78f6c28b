import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiError } from '@/api/error'
import { componentsQuery } from '@/api/components'
import { hasForm } from '@/api/forms'
import { projectQuery, useMayEdit, type ProjectFull } from '@/api/projects'
import { lookOf } from '@/api/states'
import { counted } from '@/lib/quantity'
import { Page, PageTab } from '@/ui/page'
import { ErrorPanel, Loaded } from '@/ui/panel'
import { TimeAgo } from '@/ui/time'
import { ProjectMenu } from './project-menu'
import classes from './project-page.module.css'

const route = getRouteApi('/shell/projects/$project')

/** The frame of a project: its name, its menu and its tabs. */
export function ProjectPage() {
  const { project: name } = route.useParams()
  const query = useQuery(projectQuery(name))
  const params = { project: name }
  const missing = query.error instanceof ApiError && query.error.isMissing
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Projects', link: { to: '/projects' } }]}
      filled
      beside={query.data?.deleting_at ? <DeletingMark at={query.data.deleting_at} /> : query.data?.disabled ? <DisabledMark at={query.data.disabled_at} /> : null}
      actions={query.data && !missing ? <ProjectMenu project={query.data} /> : null}
      tabs={
        missing ? null : (
          <>
            <PageTab to="/projects/$project" params={params} search={query.data && hasForm(query.data) ? { tab: 'summary' } : {}} exact>
              Summary
            </PageTab>
            <PageTab to="/projects/$project/tasks" params={params}>
              Tasks
            </PageTab>
            <PageTab to="/projects/$project/jobs" params={params}>
              Jobs
            </PageTab>
            <PageTab to="/projects/$project/history" params={params}>
              History
            </PageTab>
            <PageTab to="/projects/$project/sources" params={params}>
              Sources
            </PageTab>
            <PageTab to="/projects/$project/metrics" params={params}>
              Metrics
            </PageTab>
            {query.data && <ComponentTabs project={name} form={<FormTab project={query.data} />} />}
          </>
        )
      }
    >
      {missing ? (
        <div style={{ padding: 16 }}>
          <ErrorPanel error={query.error} />
          <p>
            It was deleted or renamed, or it is not shared with you. <Link to="/projects">All projects</Link>
          </p>
        </div>
      ) : query.data ? (
        <Outlet />
      ) : (
        <div style={{ padding: query.error ? 16 : 0 }}>
          <Loaded query={query} what="The project could not be read">
            {() => null}
          </Loaded>
        </div>
      )}
    </Page>
  )
}

/** What runs of it, and the components as tabs of their own. */
function ComponentTabs({ project, form }: { project: string; form: ReactNode }) {
  const components = useQuery(componentsQuery(project)).data ?? []
  const running = components.filter((each) => each.state === 'Running').length
  const isBad = components.some((each) => each.state === 'CrashLoopBackOff')
  return (
    <>
      <PageTab to="/projects/$project/status" params={{ project }}>
        Status
        {(running > 0 || isBad) && (
          <span className={isBad ? classes.bad : classes.badge} title={`${counted(running, 'component')} running${isBad ? ', and one that keeps ending' : ''}`}>
            {running}
            <span className="visually-hidden"> {running === 1 ? 'component' : 'components'} running</span>
          </span>
        )}
      </PageTab>
      {form}
      {components.length > 0 && <span className={classes.divider} aria-hidden="true" />}
      {components.map((component) => (
        <PageTab key={component.name} to="/projects/$project/components/$component" params={{ project, component: component.name }}>
          <span className={`${classes.tool} clip`} title={component.display_name}>
            {component.display_name}
          </span>
          {component.wanted === 'enabled' && (
            <span className={`tone-${lookOf(component.state).tone}`} title={component.state}>
              <span aria-hidden="true"> {lookOf(component.state).glyph}</span>
              <span className="visually-hidden"> {component.state}</span>
            </span>
          )}
        </PageTab>
      ))}
    </>
  )
}

/** To fill in what there is, or for who may give the project a form. */
function FormTab({ project }: { project: ProjectFull }) {
  const mayEdit = useMayEdit(project)
  if (!mayEdit && !hasForm(project)) return null
  return (
    <PageTab to="/projects/$project/form" params={{ project: project.name }}>
      Form
    </PageTab>
  )
}

/** It goes by itself as soon as nothing of it runs. */
function DeletingMark({ at }: { at: string }) {
  return (
    <span className="tone-waiting" style={{ fontSize: 13, fontWeight: 400, whiteSpace: 'nowrap' }} title="It goes when its components have ended">
      <span aria-hidden="true">▲</span> being deleted since <TimeAgo at={at} />
    </span>
  )
}

function DisabledMark({ at }: { at: string | null }) {
  return (
    <span className="tone-waiting" style={{ fontSize: 13, fontWeight: 400, whiteSpace: 'nowrap' }}>
      <span aria-hidden="true">▲</span> disabled{at && <> <TimeAgo at={at} /></>}
    </span>
  )
}
