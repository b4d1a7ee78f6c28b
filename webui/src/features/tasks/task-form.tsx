import { Select } from '@mantine/core'
import { useId } from 'react'
import { fieldsOf, scalarText, type TaskModel } from '@/lib/project-document'
import { pathOf, setText } from './edits'
import { Field } from './field'
import { FaultsOf } from './field-faults'
import { NameField } from './name-field'
import { Leftover, type FormProps } from './resource-form'
import classes from './tasks.module.css'
import { understoodTime } from './units'

interface Props extends FormProps {
  index: number
  task: TaskModel
  gpuModels: readonly string[]
  onRename: (name: string) => void
}

const kKinds = [
  { value: 'general', label: 'general' },
  { value: 'training', label: 'training: shows progress as Training' },
  { value: 'init', label: 'init' },
  { value: 'export', label: 'export' },
]

/** What holds for a task as a whole. */
export function TaskForm({ text, onText, project, faults, index, task, gpuModels, onRename }: Props) {
  const models = useId()
  const path = pathOf({ task: index })
  const wrong = new FaultsOf(faults, path, ['resources'])
  const { fields } = task
  const set = (field: string) => (value: string) => onText(setText(text, [...path, field], value, /^\d+$/.test(value)))
  const timeout = scalarText(fields.timeout)
  const runTime = scalarText(fields.run_time)
  const kind = scalarText(fields.kind).toLowerCase() || 'general'
  const revisions = fieldsOf(fields.revisions)
  const gits = project.sources.flatMap((source) => (source.origin.kind === 'git' ? [{ name: source.name, own: source.origin.revision }] : []))
  return (
    <>
      <Leftover messages={wrong.others('name', 'kind', 'timeout', 'run_time', 'gpu_model', 'revisions')} />
      <fieldset className={classes.section}>
        <legend>Task</legend>
        <div className={classes.grid}>
          <NameField label="Task" what="task" name={task.name} taken={project.tasks.map((each) => each.name)} fault={wrong.at('name')} onRename={onRename} />
          <Select label="Kind" data={kKinds.some((each) => each.value === kind) ? kKinds : [...kKinds, kind]} value={kind} allowDeselect={false} onChange={(value) => onText(setText(text, [...path, 'kind'], value === 'general' ? '' : (value ?? '')))} error={wrong.at('kind')} />
          <Field label="Wait at most (minutes)" value={timeout} onChange={set('timeout')} placeholder="for ever" hint="For free resources; 300s, 5m and 1h work too" understood={understoodTime(timeout, 'waits for ever')} fault={wrong.at('timeout')} />
          <Field label="Runs for about (minutes)" value={runTime} onChange={set('run_time')} placeholder="learnt" hint="For forecasts; otherwise from earlier jobs" understood={understoodTime(runTime, 'learnt from earlier jobs')} fault={wrong.at('run_time')} />
          <datalist id={models}>
            {gpuModels.map((model) => (
              <option key={model} value={model} />
            ))}
          </datalist>
          <Field label="GPU model" value={scalarText(fields.gpu_model)} onChange={(value) => onText(setText(text, [...path, 'gpu_model'], value))} placeholder="any one model" list={models} fault={wrong.at('gpu_model')} />
        </div>
      </fieldset>
      {(gits.length > 0 || wrong.at('revisions') !== null) && (
        <fieldset className={classes.section}>
          <legend>Revisions of git sources</legend>
          <div className={classes.grid}>
            {gits.map((source) => (
              <Field key={source.name} label={source.name} value={scalarText(revisions[source.name])} onChange={(value) => onText(setText(text, [...path, 'revisions', source.name], value))} placeholder={source.own || 'HEAD'} mono fault={wrong.at('revisions', source.name)} />
            ))}
          </div>
          <Leftover messages={gits.length === 0 && wrong.at('revisions') ? [wrong.at('revisions') ?? ''] : []} />
        </fieldset>
      )}
    </>
  )
}

/** What holds for all tasks. */
export function ProjectForm({ text, onText, project, faults }: FormProps) {
  const wrong = new FaultsOf(faults, [], ['tasks', 'sources'])
  const engine = scalarText(project.fields.engine)
  return (
    <>
      <Leftover messages={wrong.others('default_mount_path', 'engine')} />
      <fieldset className={classes.section}>
        <legend>All tasks</legend>
        <div className={classes.grid}>
          <Select
            label="Engine"
            data={[
              { value: 'auto', label: 'chosen for each job' },
              { value: 'process', label: "process: on the server's machine" },
              { value: 'container', label: 'container: in images' },
            ]}
            value={engine === '' ? 'auto' : engine}
            allowDeselect={false}
            onChange={(value) => onText(setText(text, ['engine'], value === 'auto' ? '' : (value ?? '')))}
            error={wrong.at('engine')}
            description="Without a choice: containers where a resource has an image"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
          />
          <Field label="Default mount path" value={scalarText(project.fields.default_mount_path)} onChange={(value) => onText(setText(text, ['default_mount_path'], value))} mono placeholder="/workspace" hint="Where sources with a relative mount path are mounted" fault={wrong.at('default_mount_path')} />
        </div>
      </fieldset>
    </>
  )
}
