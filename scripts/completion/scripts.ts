/**
 * The scripts for shells: each asks `gangway complete <words>`, the last of which is the one to be completed. Where that has
 * nothing to say, a file may come.
 */

const bash = `_gangway() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" complete "\${words[@]}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gangway gangway gangway-mcp`;

const zsh = `#compdef gangway gangway-mcp
_gangway() {
  local -a found
  found=(\${(f)"$("\${words[1]}" complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found || _files
}
if [ "$funcstack[1]" = "_gangway" ]; then
  _gangway "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _gangway gangway gangway-mcp
fi`;

const fish = `function __gangway
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] complete $words[2..-1] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c gangway -f -a '(__gangway)'
complete -c gangway-mcp -f -a '(__gangway)'`;

/** By the names of the shells. */
export const shells = { bash, zsh, fish } as const;
