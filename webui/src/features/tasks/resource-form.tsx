import { ActionIcon, Button, Checkbox, Select, Switch, Text, TextInput } from '@mantine/core'
import { useId } from 'react'
import { setField, type Path } from '@/lib/document-text'
import type { PlacedFault } from '@/lib/faults'
import { fieldsOf, listOf, mountsEverything, scalarText, volumesOf, type ProjectModel, type ResourceModel } from '@/lib/project-document'
import { pathOf, readImages, readVariables, setFlag, setImages, setText, variablesOf, writeVariables, type Variable } from './edits'
import { Field } from './field'
import { FaultsOf } from './field-faults'
import { NameField } from './name-field'
import classes from './tasks.module.css'
import { understoodCpu, understoodMemory, understoodWhole } from './units'

export interface FormProps {
  text: string
  onText: (text: string) => void
  project: ProjectModel
  faults: readonly PlacedFault[]
}

interface Props extends FormProps {
  place: { task: number; resource: number }
  resource: ResourceModel
  onRename: (name: string) => void
}

const kShown = ['name', 'command', 'args', 'work_dir', 'requirements', 'replicas', 'gpus', 'requests', 'limits', 'image', 'images', 'env', 'default_volume_mapping', 'default_mount_path', 'volumes', 'node_allocator', 'restart_policy', 'max_restart_count', 'is_permanent', 'port']

/** Every field of a resource. */
export function ResourceForm({ text, onText, project, faults, place, resource, onRename }: Props) {
  const path = pathOf(place)
  const wrong = new FaultsOf(faults, path)
  const { fields } = resource
  const requests = fieldsOf(fields.requests)
  const limits = fieldsOf(fields.limits)
  const images = readImages(fields)
  const siblings = project.tasks[place.task]?.resources.map((each) => each.name) ?? []
  const set = (field: string, numeric = false) => (value: string) => onText(setText(text, [...path, field], value, numeric))
  const setWithin = (group: string, field: string) => (value: string) => onText(setText(text, [...path, group, field], value, /^\d+$/.test(value)))
  const [nodes] = variablesOf(resource.name)
  const args = listOf(fields.args)
  return (
    <>
      <Leftover messages={wrong.others(...kShown)} />
      <fieldset className={classes.section}>
        <legend>Program</legend>
        <div className={classes.grid}>
          <NameField label="Resource" what="resource" name={resource.name} taken={siblings} fault={wrong.at('name')} onRename={onRename} />
          <Field label="Replicas" value={scalarText(fields.replicas)} onChange={set('replicas', true)} placeholder="1" understood={understoodWhole(scalarText(fields.replicas), 1, 250)} fault={wrong.at('replicas')} />
          <Field className={classes.whole} label="Command" value={scalarText(fields.command)} onChange={set('command')} mono lines placeholder="python train.py --epochs 30" hint="A line of the shell: variables, pipes and && work" fault={wrong.at('command')} />
          <Field
            className={classes.whole}
            label="Arguments"
            value={args.length > 0 ? args.map(scalarText).join(' ') : scalarText(fields.args)}
            onChange={set('args')}
            mono
            hint="Appended to the command"
            fault={wrong.at('args')}
          />
          <Field label="Directory" value={scalarText(fields.work_dir)} onChange={set('work_dir')} mono placeholder="$SRC_DIR" fault={wrong.at('work_dir')} />
          <Field label="Requirements" value={scalarText(fields.requirements)} onChange={set('requirements')} mono placeholder="$SRC_DIR/requirements.txt" fault={wrong.at('requirements')} />
        </div>
      </fieldset>
      <fieldset className={classes.section}>
        <legend>Size of each replica</legend>
        <div className={classes.grid}>
          <Field label="CPU, at least" value={scalarText(requests.cpu)} onChange={setWithin('requests', 'cpu')} placeholder="50m" understood={understoodCpu(scalarText(requests.cpu))} fault={wrong.at('requests', 'cpu')} />
          <Field label="CPU, at most" value={scalarText(limits.cpu)} onChange={setWithin('limits', 'cpu')} placeholder="no limit" understood={understoodCpu(scalarText(limits.cpu))} fault={wrong.at('limits', 'cpu')} />
          <Field label="Memory, at least" value={scalarText(requests.memory)} onChange={setWithin('requests', 'memory')} placeholder="128Mi" understood={understoodMemory(scalarText(requests.memory))} fault={wrong.at('requests', 'memory')} />
          <Field label="Memory, at most" value={scalarText(limits.memory)} onChange={setWithin('limits', 'memory')} placeholder="no limit" understood={understoodMemory(scalarText(limits.memory))} fault={wrong.at('limits', 'memory')} />
          <Field label="GPUs" value={scalarText(fields.gpus)} onChange={set('gpus', true)} placeholder="0" understood={understoodWhole(scalarText(fields.gpus), 0, 1000)} fault={wrong.at('gpus')} />
        </div>
      </fieldset>
      <fieldset className={classes.section}>
        <legend>Environment variables</legend>
        <Variables variables={readVariables(fields.env)} onChange={(variables) => onText(setField(text, [...path, 'env'], writeVariables(variables)))} fault={wrong.at('env')} />
      </fieldset>
      <Mounts text={text} onText={onText} project={project} path={path} resource={resource} wrong={wrong} />
      <fieldset className={classes.section}>
        <legend>Container images</legend>
        <div className={classes.grid}>
          <Field className={classes.whole} label="Image" value={images.cpu} onChange={(value) => onText(setImages(text, path, value, images.gpu))} mono hint="Used by the container engine only; with an image here, the task needs it" fault={wrong.at('image') ?? wrong.at('images', 'cpu')} />
          <Field className={classes.whole} label="Image with GPUs" value={images.gpu} onChange={(value) => onText(setImages(text, path, images.cpu, value))} mono placeholder={images.cpu || ''} hint="Instead of the other when GPUs are asked for" fault={wrong.at('images', 'gpu')} />
        </div>
      </fieldset>
      <fieldset className={classes.section}>
        <legend>Place and life</legend>
        <div className={classes.grid}>
          <Field label="Node allocator" value={scalarText(fields.node_allocator)} onChange={set('node_allocator')} placeholder="any node" hint="A label KEY=VALUE or KEY of the node" mono fault={wrong.at('node_allocator')} />
          <Field label="Port" value={scalarText(fields.port)} onChange={set('port', true)} placeholder="none" hint={`Appended to the addresses in ${nodes}`} understood={understoodWhole(scalarText(fields.port), 1, 65535)} fault={wrong.at('port')} />
          <Select
            label="When a replica fails"
            data={[
              { value: 'never', label: 'the job fails' },
              { value: 'on-failure', label: 'start it again' },
            ]}
            value={scalarText(fields.restart_policy).toLowerCase().startsWith('on') ? 'on-failure' : 'never'}
            onChange={(value) => onText(setText(text, [...path, 'restart_policy'], value === 'never' ? '' : (value ?? '')))}
            allowDeselect={false}
            error={wrong.at('restart_policy')}
          />
          <Field label="Restarts, at most" value={scalarText(fields.max_restart_count)} onChange={set('max_restart_count', true)} placeholder={scalarText(fields.restart_policy) === 'on-failure' ? '3' : '0'} understood={understoodWhole(scalarText(fields.max_restart_count), 0, 1_000_000)} fault={wrong.at('max_restart_count')} />
          <Switch
            className={classes.whole}
            label="Permanent"
            description="Serves the others, such as a parameter server: runs until they have finished, and is stopped then"
            checked={fields.is_permanent === true}
            onChange={(event) => onText(setFlag(text, [...path, 'is_permanent'], event.currentTarget.checked, false))}
            error={wrong.at('is_permanent')}
          />
        </div>
      </fieldset>
    </>
  )
}

/** Faults that no field shows. */
export function Leftover({ messages }: { messages: readonly string[] }) {
  if (messages.length === 0) return null
  return (
    <div className={classes.others}>
      {messages.map((message, index) => (
        <Text key={index} className="wrap tone-bad">
          <span aria-hidden="true">✕</span> {message}
        </Text>
      ))}
    </div>
  )
}

interface VariablesProps {
  variables: readonly Variable[]
  onChange: (variables: Variable[]) => void
  fault: string | null
}

function Variables({ variables, onChange, fault }: VariablesProps) {
  const all = [...variables, { name: '', value: '' }]
  const change = (index: number, next: Partial<Variable>) => {
    const changed = all.map((each, at) => (at === index ? { ...each, ...next } : each))
    onChange(changed.filter((each, at) => at < variables.length || each.name !== '' || each.value !== ''))
  }
  return (
    <div className={classes.rows}>
      {all.map((variable, index) => {
        const fresh = index === variables.length
        return (
          <div key={index} className={classes.variable}>
            <TextInput
              aria-label={fresh ? 'Name of a new variable' : `Name of variable ${index + 1}`}
              placeholder={fresh ? 'NAME' : ''}
              value={variable.name}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
              styles={{ input: { fontFamily: 'var(--font-mono)' } }}
              autoComplete="off"
              spellCheck={false}
            />
            <TextInput
              aria-label={fresh ? 'Value of a new variable' : `Value of ${variable.name || `variable ${index + 1}`}`}
              placeholder={fresh ? 'value' : ''}
              value={variable.value}
              onChange={(event) => change(index, { value: event.currentTarget.value })}
              styles={{ input: { fontFamily: 'var(--font-mono)' } }}
              autoComplete="off"
              spellCheck={false}
            />
            {!fresh && (
              <ActionIcon aria-label={`Remove ${variable.name || `variable ${index + 1}`}`} onClick={() => onChange(variables.filter((_, at) => at !== index))}>
                <span aria-hidden="true">×</span>
              </ActionIcon>
            )}
          </div>
        )
      })}
      {fault && (
        <Text className="tone-bad wrap" role="alert">
          {fault}
        </Text>
      )}
    </div>
  )
}

interface MountsProps {
  text: string
  onText: (text: string) => void
  project: ProjectModel
  path: Path
  resource: ResourceModel
  wrong: FaultsOf
}

function Mounts({ text, onText, project, path, resource, wrong }: MountsProps) {
  const list = useId()
  const volumes = volumesOf(resource)
  const everything = mountsEverything(resource)
  const names = project.sources.map((source) => source.name)
  const at = (index: number, field: string): Path => [...path, 'volumes', index, field]
  const next = names.find((name) => !volumes.some((volume) => volume.source === name)) ?? names[0] ?? ''
  return (
    <fieldset className={classes.section}>
      <legend>Mounts</legend>
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className={classes.rows}>
        <div className={classes.grid}>
          <Switch
            className={classes.whole}
            label="Mount every source of the project as it is defined"
            description={names.length === 0 ? 'The project has no sources yet.' : names.join(', ')}
            checked={everything}
            onChange={(event) => onText(setFlag(text, [...path, 'default_volume_mapping'], event.currentTarget.checked, volumes.length === 0))}
            error={wrong.at('default_volume_mapping')}
          />
          <Field className={classes.whole} label="Default mount path" value={scalarText(resource.fields.default_mount_path)} onChange={(value) => onText(setText(text, [...path, 'default_mount_path'], value))} mono placeholder={scalarText(project.fields.default_mount_path) || '/workspace'} hint="Where sources with a relative mount path are mounted" fault={wrong.at('default_mount_path')} />
        </div>
        {everything && volumes.length > 0 && (
          <Text className="wrap">
            <span className="tone-waiting" aria-hidden="true">
              ▲{' '}
            </span>
            These are ignored while every source is mounted.
          </Text>
        )}
        {volumes.map((volume, index) => (
          <div key={index}>
            <div className={classes.volume} role="group" aria-label={`Mount ${index + 1}`}>
              <TextInput aria-label="Source" list={list} value={volume.source} onChange={(event) => onText(setField(text, at(index, 'source'), event.currentTarget.value))} autoComplete="off" />
              <TextInput aria-label="Folder within the source" placeholder="all of it" value={volume.sub_path} onChange={(event) => onText(setText(text, at(index, 'sub_path'), event.currentTarget.value))} autoComplete="off" />
              <TextInput aria-label="Mount path" placeholder="the source's mount path" value={volume.mount_path} onChange={(event) => onText(setText(text, at(index, 'mount_path'), event.currentTarget.value))} autoComplete="off" />
              <Checkbox label="read only" checked={volume.read_only} onChange={(event) => onText(setFlag(text, at(index, 'read_only'), event.currentTarget.checked, false))} />
              <ActionIcon aria-label={`Remove the mount of ${volume.source}`} onClick={() => onText(setField(text, [...path, 'volumes', index], undefined))}>
                <span aria-hidden="true">×</span>
              </ActionIcon>
            </div>
            {wrong.at('volumes', index) && <Text className="tone-bad wrap">{wrong.at('volumes', index)}</Text>}
          </div>
        ))}
        {wrong.at('volumes') !== null && volumes.every((_, index) => wrong.at('volumes', index) === null) && <Text className="tone-bad wrap">{wrong.at('volumes')}</Text>}
        {!everything && (
          <div>
            <Button disabled={next === ''} onClick={() => onText(setField(text, [...path, 'volumes'], [...listOf(resource.fields.volumes), { source: next }]))}>
              + mount
            </Button>
          </div>
        )}
      </div>
    </fieldset>
  )
}
