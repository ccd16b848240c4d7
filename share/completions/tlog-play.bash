# bash completion for tlog-play, made from its options by `make documents`
_tlog_play() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # --name=value is three words here.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  reply() { mapfile -t COMPREPLY < <(compgen "$@" -- "$word"); }
  COMPREPLY=()
  case $before in
    -s|--speed) return ;;
    -g|--goto) return ;;
    -r|--reader) reply -W 'file journal es'; return ;;
    -i|--file-path) compopt -o filenames; reply -f; return ;;
    -m|--file-match) return ;;
    --es-baseurl) return ;;
    --es-query) return ;;
    -S|--journal-since) return ;;
    -U|--journal-until) return ;;
    -M|--journal-match) return ;;
    -N|--journal-namespace) return ;;
    --idle-limit) return ;;
  esac
  if [[ $word == -* ]]; then
    reply -W '--help --version --configuration --speed --follow --goto --paused --reader --persist --lax --file-path --file-match --es-baseurl --es-query --es-verbose --journal-since --journal-until --journal-match --journal-namespace --list --raw --unsafe --text --show-dropped --input --idle-limit --utc'
  else
    compopt -o filenames
    reply -f
  fi
}
complete -F _tlog_play tlog-play
