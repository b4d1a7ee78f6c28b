const kBinaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const kDecimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

function inUnits(bytes: number, step: number, units: string[]): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= step && unit < units.length - 1) {
    value /= step
    ++unit
  }
  const digits = value >= 100 || unit === 0 ? 0 : value >= 10 ? 1 : 2
  return `${Number(value.toFixed(digits))} ${units[unit]}`
}

/** Of memory, which is asked for in these units: "0 B", "512 B", "1.5 GiB"; three digits at most. */
export function bytesText(bytes: number): string {
  return inUnits(bytes, 1024, kBinaryUnits)
}

/** Of files, disks and quotas, as the server and the command line tell them: "512 B", "1.5 GB". */
export function fileSizeText(bytes: number): string {
  return inUnits(bytes, 1000, kDecimalUnits)
}

/** Thousandths of a core: "0.5", "2", "1.25" cores. */
export function coresText(milli: number): string {
  return `${Number((milli / 1000).toFixed(2))}`
}

/** "1 job", "2 jobs". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** A reported value as people read it: numbers with four significant digits, everything else as it is. */
export function valueText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
  if (typeof value === 'string') return value
  return JSON.stringify(value)
}
