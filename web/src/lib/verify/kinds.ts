/** Kinds of history entries beyond the EPCIS types 1 to 15; twin of core.types.EventKind. */
export const HANDOVER = 16;
export const CORRECTION = 17;
export const PACKED = 18;
export const UNPACKED = 19;
/** A recall is RECALL_BASE | level; level 0 closes it. */
export const RECALL_BASE = 0x20;
