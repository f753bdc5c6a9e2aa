#compdef tandem
# Completion of tandem for zsh, printed by `tandem completion zsh`.
_tandem() {
  local line
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      return
    fi
    candidates+=("${line/$'\t'/:}")
  done < <("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'tandem' candidates
}
compdef _tandem tandem
