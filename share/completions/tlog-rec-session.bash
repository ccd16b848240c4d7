# bash completion for tlog-rec-session, made from its options by `make documents`
_tlog_rec_session() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # --name=value is three words here.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  reply() { mapfile -t COMPREPLY < <(compgen "$@" -- "$word"); }
  COMPREPLY=()
  case $before in

  esac
  if [[ $word == -* ]]; then
    reply -W '--help --version --configuration --login --interactive --command'
  else
    compopt -o filenames
    reply -f
  fi
}
complete -F _tlog_rec_session tlog-rec-session
