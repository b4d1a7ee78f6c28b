import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from './root'

const projectsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/projects',
  component: lazyRouteComponent(() => import('@/features/projects/projects-page'), 'ProjectsPage'),
})

const newProjectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/projects/new',
  component: lazyRouteComponent(() => import('@/features/projects/new-project-page'), 'NewProjectPage'),
})

const projectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/projects/$project',
  component: lazyRouteComponent(() => import('@/features/projects/project-page'), 'ProjectPage'),
})

export const projectRoutes = [projectsRoute, newProjectRoute, projectRoute]
