# bash completion for tlog-rec, made from its options by `make documents`
_tlog_rec() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # --name=value is three words here.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  reply() { mapfile -t COMPREPLY < <(compgen "$@" -- "$word"); }
  COMPREPLY=()
  case $before in
    --latency) return ;;
    --payload) return ;;
    -w|--writer) reply -W 'journal syslog file agent'; return ;;
    --semaphore) compopt -o filenames; reply -f; return ;;
    --limit-rate) return ;;
    --limit-burst) return ;;
    --limit-action) reply -W 'pass delay drop'; return ;;
    -o|--file-path) compopt -o filenames; reply -f; return ;;
    --syslog-facility) reply -W 'auth authpriv cron daemon ftp kern local0 local1 local2 local3 local4 local5 local6 local7 lpr mail news syslog user uucp'; return ;;
    --syslog-priority) reply -W 'emerg alert crit err warning notice info debug'; return ;;
    --journal-priority) reply -W 'emerg alert crit err warning notice info debug'; return ;;
    --on-failure) reply -W 'refuse warn continue'; return ;;
    --transfers) reply -W 'full summary off'; return ;;
    --agent-path) compopt -o filenames; reply -f; return ;;
  esac
  if [[ $word == -* ]]; then
    reply -W '--help --version --configuration --latency --payload --writer --semaphore --log-input --log-output --log-window --limit-rate --limit-burst --limit-action --file-path --syslog-facility --syslog-priority --journal-priority --journal-augment --on-failure --transfers --agent-path'
  else
    compopt -o filenames
    reply -f
  fi
}
complete -F _tlog_rec tlog-rec
