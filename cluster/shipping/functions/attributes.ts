// The attributes of a property as bits of one number.

export const Attribute = {
  writable: 1,
  enumerable: 2,
  configurable: 4,
  /** All three. */
  usual: 7,
} as const;

export function flagsOf({writable, enumerable, configurable}: PropertyDescriptor): number {
  return (
    (writable ? Attribute.writable : 0) |
    (enumerable ? Attribute.enumerable : 0) |
    (configurable ? Attribute.configurable : 0)
  );
}

export function attributesOf(flags: number): PropertyDescriptor {
  return {
    writable: (flags & Attribute.writable) !== 0,
    enumerable: (flags & Attribute.enumerable) !== 0,
    configurable: (flags & Attribute.configurable) !== 0,
  };
}
