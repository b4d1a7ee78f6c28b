import type { Component } from '@/api/components'
import { counted } from '@/lib/quantity'
import { durationText } from '@/lib/time'

/** What it is for, where everybody may not know. */
export function purposeOf(component: Component): string {
  if (component.kind === 'jupyter') return 'Notebooks and terminals that see the same sources as the tasks. Who opens it acts as the owner of the project.'
  if (component.kind === 'tensorboard') return 'Charts of what training writes into the folder that $TRAINING_DIR names.'
  return 'A tool of this project that runs beside its tasks.'
}

/** Why it is in its state, as a sentence; nothing where there is no more to say. */
export function reasonText(component: Component): string | null {
  if (component.reason === null) return null
  const text = component.reason.charAt(0).toUpperCase() + component.reason.slice(1)
  return text.endsWith('.') ? text : `${text}.`
}

/** What it has and what it is held to, in a line. */
export function termsOf(component: Component): string[] {
  return [
    component.gpus === 0 ? 'no GPU' : counted(component.gpus, 'GPU'),
    component.port === null ? 'no port, so nobody is led to it' : `port ${component.port}`,
    component.shared ? 'your group may open it' : 'only its owner may open it',
    component.idle_pause_ms === 0 ? 'never paused' : `paused when idle for ${durationText(component.idle_pause_ms)}`,
  ]
}

/** How many GPUs the box stands for: those it has, or one. */
export function gpusOfBox(component: Component, checked: boolean): number {
  if (!checked) return 0
  return component.gpus > 0 ? component.gpus : 1
}

export type Doing = 'enable' | 'restart' | 'disable'

/** What its owner may do with it now. */
export function doingsOf(component: Component): Doing[] {
  if (!component.may_control) return []
  if (component.wanted !== 'enabled') return ['enable']
  return ['restart', 'disable']
}
