# bash completion for steno-agent, made from its options by `make documents`
_steno_agent() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # --name=value is three words here.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  reply() { mapfile -t COMPREPLY < <(compgen "$@" -- "$word"); }
  COMPREPLY=()
  case $before in
    --state) compopt -o filenames; reply -d; return ;;
    --run) compopt -o filenames; reply -d; return ;;
    --adopt) compopt -o filenames; reply -d; return ;;
    --server) return ;;
    --ca) compopt -o filenames; reply -f; return ;;
    --join) return ;;
    --host) return ;;
    --spool-size) return ;;
    --recording-size) return ;;
    --keep-after-ack) return ;;
  esac
  if [[ $word == -* ]]; then
    reply -W '--state --run --adopt --server --ca --join --host --spool-size --recording-size --keep-after-ack --help'
  else
    compopt -o filenames
    reply -f
  fi
}
complete -F _steno_agent steno-agent
