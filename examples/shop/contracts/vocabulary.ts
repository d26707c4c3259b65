import * as z from 'zod';

// Words that several contracts share. They check shape only: whether a sku or an order exists, its service knows.

export const Sku = z.string().min(1).max(64);
export const OrderId = z.string().min(1).max(64);
export const UserId = z.string().min(1).max(64);

/** A whole number of the currency's smallest unit: 1250 EUR is 12.50 €. */
export const Price = z.int().min(0).max(10_000_000);
export const Currency = z.enum(['EUR']);

/** The sum of an order. Bounds on price, quantity and lines keep every sum far inside the safe integers. */
export const Amount = z.int().min(0);

export const Line = z.object({ sku: Sku, quantity: z.int().min(1).max(1000) });

/** What is ordered. Each sku appears once, so that nobody has to guess whether two lines mean twice as much or a slip. */
export const Lines = z
  .array(Line)
  .min(1)
  .max(50)
  .superRefine((lines, context) => {
    const seen = new Set<string>();
    lines.forEach(({ sku }, index) => {
      if (seen.has(sku)) context.addIssue({ code: 'custom', path: [index, 'sku'], message: `'${sku}' is on an earlier line` });
      seen.add(sku);
    });
  });

export const Address = z.object({
  name: z.string().trim().min(1).max(100),
  street: z.string().trim().min(1).max(200),
  city: z.string().trim().min(1).max(100),
  country: z.string().regex(/^[A-Z]{2}$/, 'write the two capital letters of ISO 3166, such as DE'),
});

/** Query parameters of a list that comes in pages. */
export const PageRequest = z.object({
  limit: z.int().min(1).max(100).default(20),
  /** `next` of the page before. */
  cursor: z.string().min(1).max(200).optional(),
});

/** One page; `next` is the cursor of the following one, null on the last. */
export function pageOf<TItem extends z.ZodType>(
  item: TItem,
): z.ZodObject<{ items: z.ZodArray<TItem>; next: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
