/**
 * Which file a journal is: the same after it was renamed, another one after it was copied.
 *
 * The special rule: a file is known by its inode and the moment of its birth, because a file system gives the number of a
 * removed file to the next one. Where births are not recorded, device and inode have to do.
 *
 * Not here: what follows from a journal being a copy (`claim.ts`).
 */
import { statSync } from "node:fs"

/** `device:inode:birth`, the birth in nanoseconds, 0 if the file system does not know it. */
export const fileIdentity = (file: string): string => {
  const { dev, ino, birthtimeNs } = statSync(file, { bigint: true })
  return `${dev}:${ino}:${birthtimeNs}`
}

/** Whether two identities are of the same file. */
export const isSameFile = (one: string, other: string): boolean => {
  const [device, inode, birth] = one.split(":")
  const [otherDevice, otherInode, otherBirth] = other.split(":")
  if (inode !== otherInode) return false
  // The number of a device may change when the machine starts again; the birth of a file does not.
  return birth === "0" || otherBirth === "0" ? device === otherDevice : birth === otherBirth
}
