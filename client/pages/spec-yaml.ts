import { isMap, isSeq, parseDocument, stringify, visit } from 'yaml';
import type { SweepSpec } from '../../shared/spec/schema.ts';

/** A spec as YAML in the manner of the examples: one line a section, short lists inline. */
export function specYaml(spec: SweepSpec): string {
  const document = parseDocument(stringify(spec, { lineWidth: 110 }));
  visit(document, {
    Pair(_, pair, path) {
      const isLeafSection = isMap(pair.value) && !pair.value.items.some(({ value }) => isMap(value));
      if (path.length > 2 || isLeafSection || isSeq(pair.value)) {
        if (isMap(pair.value) || isSeq(pair.value)) pair.value.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 110, flowCollectionPadding: true });
}
