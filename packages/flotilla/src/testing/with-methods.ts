/** The real thing with some of its methods replaced, to inject faults at a port. */
export function withMethods<TPort extends object>(real: TPort, methods: Partial<TPort>): TPort {
  return new Proxy(real, {
    get(target, name) {
      if (name in methods) return Reflect.get(methods, name);
      const member: unknown = Reflect.get(target, name);
      // Private fields are out of a proxy's reach.
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
