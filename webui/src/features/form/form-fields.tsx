import { Control } from './control'
import { isUpload, rangeText, typeText, type Field, type GroupField, type InputField } from './fields'
import classes from './form.module.css'
import { ListControl } from './list-control'
import { UploadControl } from './upload-control'
import { placeOf, type Fill } from './use-fill'
import { shownOf } from './values'
import type { CSSProperties } from 'react'

/** Fields as their form lays them out: beside each other as wide as it says, below each other where there is no room. */
export function FormFields({ fields, fill }: { fields: readonly Field[]; fill: Fill }) {
  return (
    <div className={classes.fields}>
      {fields
        .filter((field) => !field.hidden)
        .map((field, index) => (
          <div key={field.type === 'group' ? `group ${index}` : field.name} className={classes.field} style={{ '--width': `${field.width}%` } as CSSProperties}>
            {field.type === 'group' ? <Group group={field} fill={fill} /> : <Input field={field} fill={fill} />}
          </div>
        ))}
    </div>
  )
}

function Group({ group, fill }: { group: GroupField; fill: Fill }) {
  return (
    <fieldset className={classes.group}>
      {group.label !== '' && <legend>{group.label}</legend>}
      {group.help !== '' && <p className={classes.help}>{group.help}</p>}
      <div className={classes.within}>
        <FormFields fields={group.elements} fill={fill} />
      </div>
    </fieldset>
  )
}

function Input({ field, fill }: { field: InputField; fill: Fill }) {
  const typed = shownOf(field, fill.filled)
  const fault = fill.faultAt(field)
  // A fault says the range too.
  const range = fault === null ? rangeText(field.type === 'list' ? field.listType : field.type) : ''
  const hint = [field.help, range].filter(Boolean).join(' · ')
  const words = {
    label: (
      <span className={classes.label}>
        <bdi>{field.label}</bdi> <span className={classes.type}>({typeText(field)})</span>
      </span>
    ),
    ...(hint === '' ? {} : { description: <span className="wrap">{hint}</span> }),
    error: fault ?? undefined,
    required: field.required,
  }
  const set = (next: Parameters<Fill['set']>[1]) => fill.set(field.name, next)
  return (
    <div id={placeOf(fill, field)} className={field.type === 'boolean' && field.width < 100 ? classes.box : undefined} onBlur={() => fill.touch([field.name])} data-field={field.name}>
      {field.type === 'list' ? (
        <ListControl field={field} rows={Array.isArray(typed) ? typed : []} words={words} uploads={fill.uploads} onChange={set} />
      ) : isUpload(field.type) ? (
        <UploadControl typed={Array.isArray(typed) ? null : typed} words={words} uploads={fill.uploads} onChange={set} />
      ) : (
        <Control field={field} type={field.type} typed={Array.isArray(typed) ? '' : typed} words={words} onChange={set} />
      )}
    </div>
  )
}
