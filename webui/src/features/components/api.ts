import { api, take } from '@/api/client'
import type { Component } from '@/api/components'

function at(project: string, component: Component) {
  return { path: { project, component: component.name } }
}

/** Lets it run from now on; another number of GPUs starts it again. */
export function enableComponent(project: string, component: Component, gpus?: number): Promise<Component> {
  return take(api.POST('/projects/{project}/components/{component}/enable', { params: at(project, component), body: gpus === undefined ? {} : { gpus } }))
}

export function disableComponent(project: string, component: Component): Promise<Component> {
  return take(api.POST('/projects/{project}/components/{component}/disable', { params: at(project, component) }))
}

export function restartComponent(project: string, component: Component): Promise<Component> {
  return take(api.POST('/projects/{project}/components/{component}/restart', { params: at(project, component) }))
}
