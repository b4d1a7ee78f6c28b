import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { hasForm } from '@/api/forms'
import { ownQuery, projectQuery } from '@/api/projects'
import { historySearch } from '@/features/history/history-search'
import { jobsSearch } from '@/features/jobs/jobs-search'
import { metricsSearch } from '@/features/metrics/metrics-search'
import { rememberedTab } from '@/lib/kept'
import { known, oneIn, textIn } from '@/lib/search-params'
import { shellRoute } from './root'

const projectsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/projects',
  validateSearch: (search: Record<string, unknown>) => known({ show: oneIn(search, 'show', ['owned', 'shared', 'all', 'everyone'] as const), text: textIn(search, 'text'), order: oneIn(search, 'order', ['changed'] as const) }),
  component: lazyRouteComponent(() => import('@/features/projects/projects-page'), 'ProjectsPage'),
})

const newProjectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/projects/new',
  validateSearch: (search: Record<string, unknown>) => known({ from: oneIn(search, 'from', ['file', 'git'] as const) }),
  component: lazyRouteComponent(() => import('@/features/projects/new-project-page'), 'NewProjectPage'),
})

const projectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/projects/$project',
  loader: ({ context, params }) => {
    // Under way while the page's code is; a failure is the page's to show.
    void context.client.prefetchQuery(projectQuery(params.project))
  },
  component: lazyRouteComponent(() => import('@/features/project/project-page'), 'ProjectPage'),
})

const summaryRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>) => known({ tab: oneIn(search, 'tab', ['summary'] as const) }),
  // Where a project has a form, those who come to use it land there; its owner, and who asks for the summary, do not.
  beforeLoad: async ({ context: { client }, params, search }) => {
    if (search.tab === 'summary') return
    const project = await client.ensureQueryData(projectQuery(params.project)).catch(() => null)
    if (!project || !hasForm(project) || rememberedTab(project.id) === 'summary') return
    if (await client.ensureQueryData(ownQuery(project)).catch(() => true)) return
    throw redirect({ to: '/projects/$project/form', params, replace: true })
  },
  component: lazyRouteComponent(() => import('@/features/project/summary-page'), 'SummaryPage'),
})

const tasksRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/tasks',
  validateSearch: (search: Record<string, unknown>) =>
    known({ task: textIn(search, 'task'), resource: textIn(search, 'resource'), all: search.all === true ? true : undefined, view: oneIn(search, 'view', ['form', 'both', 'yaml'] as const) }),
  component: lazyRouteComponent(() => import('@/features/tasks/tasks-page'), 'TasksPage'),
})

const jobsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/jobs',
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import('../pages/project-jobs'), 'ProjectJobs'),
})

const historyRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/history',
  validateSearch: historySearch,
  component: lazyRouteComponent(() => import('../pages/project-jobs'), 'ProjectHistory'),
})

const sourcesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/sources',
  validateSearch: (search: Record<string, unknown>) => known({ source: textIn(search, 'source'), path: textIn(search, 'path'), file: textIn(search, 'file') }),
  component: lazyRouteComponent(() => import('@/features/sources/sources-page'), 'SourcesPage'),
})

const metricsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/metrics',
  validateSearch: metricsSearch,
  component: lazyRouteComponent(() => import('@/features/metrics/metrics-page'), 'MetricsPage'),
})

const statusRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/status',
  component: lazyRouteComponent(() => import('@/features/status/status-page'), 'StatusPage'),
})

const formRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/form',
  validateSearch: (search: Record<string, unknown>) => known({ job: textIn(search, 'job'), edit: search.edit === true ? true : undefined, preview: search.preview === true ? true : undefined }),
  component: lazyRouteComponent(() => import('@/features/form/form-page'), 'FormPage'),
})

const componentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/components/$component',
  component: lazyRouteComponent(() => import('../pages/component'), 'ProjectComponent'),
})

export const projectRoutes = [projectsRoute, newProjectRoute, projectRoute.addChildren([summaryRoute, tasksRoute, jobsRoute, historyRoute, sourcesRoute, metricsRoute, statusRoute, formRoute, componentRoute])]
