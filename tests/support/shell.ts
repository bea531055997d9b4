/**
 * The words of a command line as a POSIX shell reads them: single quotes, double quotes and backslashes, of which what this
 * project prints makes use.
 *
 * @throws Error for a quote that is not closed, or something that a shell would not take as it stands
 */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let rest = line;
  while (rest !== "") {
    const blanks = /^ +/.exec(rest);
    if (blanks) {
      rest = rest.slice(blanks[0].length);
      continue;
    }
    let word = "";
    for (;;) {
      const piece = /^(?:'([^']*)'|"((?:[^"\\$`]|\\[\\"$`])*)"|\\(.)|([\w@%+=:,./{}~^[\]-]+))/su.exec(rest);
      if (!piece) break;
      const [all, single, double, escaped, plain] = piece;
      word += single ?? double?.replace(/\\(.)/g, "$1") ?? escaped ?? plain ?? "";
      rest = rest.slice(all.length);
    }
    if (rest !== "" && !rest.startsWith(" ")) throw new Error(`a shell does not take ${rest} as it stands: ${line}`);
    words.push(word);
  }
  return words;
}
