# Ceph's RGW on loopback: one monitor, one OSD in memory, one gateway. Source it after lib.sh.
#
# RGW's own STS hands out a role's credentials; the role's policy names one folder literally, because RGW knows no
# policy variables.
needs_debian ceph-mon ceph-osd radosgw ceph-common ceph-base awscli curl jq

# Below the ports that outgoing connections take.
free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); do
    (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
quietly() { "$@" >>"$D/log/setup" 2>&1 </dev/null || fail "\`$*\`: $(tail -n 5 "$D/log/setup")"; }
daemon() {
  "$@" >>"$D/log/daemons" 2>&1 </dev/null &
  STARTED+=($!)
}
# `comes_up SECONDS WHAT COMMAND…`: waits as long as every daemon runs.
a_daemon_ended() {
  local pid
  for pid in "${STARTED[@]}"; do kill -0 "$pid" || return 0; done
  return 1
}
up_or_ended() { "$@" || a_daemon_ended; }
comes_up() {
  until_true "$1" "$2" up_or_ended "${@:3}"
  ! a_daemon_ended 2>/dev/null || fail "a daemon ended: $(tail -n 5 "$D/log/daemons")"
}
key() { quietly ceph-authtool "$D/keyring" --gen-key -n "$@"; }
osd_up() { [[ $(ceph osd stat) == *'1 up'* ]]; }

# `start_ceph MEMORY`: the gateway's $URL, and $CEPH_CONF for its tools. MEMORY is what all objects may take.
start_ceph() {
  local memory=$1
  D=$WORK/ceph RGW=$(free_port) MON1=$(free_port) MON2=$(free_port)
  URL=http://127.0.0.1:$RGW
  FSID=$(</proc/sys/kernel/random/uuid)
  export CEPH_CONF=$D/ceph.conf
  mkdir -p "$D"/{mon,osd0,mgr,log,rgw}
  cat > "$CEPH_CONF" <<CONF
[global]
fsid = $FSID
mon host = [v2:127.0.0.1:$MON2,v1:127.0.0.1:$MON1]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
ms bind ipv4 = true
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = $D/keyring
auth allow insecure global id reclaim = true
mon allow pool delete = true
mon data = $D/mon
mgr data = $D/mgr
osd data = $D/osd0
log file = $D/log/\$name.log
admin socket = $D/\$name.asok
pid file = $D/\$name.pid
run dir = $D
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd max object name len = 256
osd objectstore = memstore
memstore device bytes = $memory
mon warn on pool no redundancy = false
mon max pg per osd = 1000
[client.rgw]
debug rgw = 1
rgw frontends = beast endpoint=127.0.0.1:$RGW
rgw data = $D/rgw
rgw sts key = abcdefghijklmnop
rgw s3 auth use sts = true
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
rgw dns name = localhost
rgw enable usage log = false
rgw enable ops log = false
CONF

  echo "$(radosgw --version | cut -d ' ' -f 1-3): starting"
  quietly monmaptool --create --clobber --addv a "[v2:127.0.0.1:$MON2,v1:127.0.0.1:$MON1]" --fsid "$FSID" "$D/monmap"
  quietly ceph-authtool --create-keyring "$D/keyring" --gen-key -n mon. --cap mon 'allow *'
  key client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  key client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
  key osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  quietly ceph-mon -i a --mkfs --monmap "$D/monmap" --keyring "$D/keyring"
  daemon ceph-mon -i a -f
  comes_up 60 "the monitor answers" timeout 5 ceph -s
  OSD_UUID=$(</proc/sys/kernel/random/uuid)
  quietly ceph osd new "$OSD_UUID" 0
  quietly ceph-osd -i 0 --mkfs --osd-uuid "$OSD_UUID"
  quietly ceph osd crush add osd.0 1.0 root=default host=h0
  daemon ceph-osd -i 0 -f
  comes_up 60 "the OSD is up" osd_up
  daemon radosgw -n client.rgw -f
  comes_up 120 "the gateway answers" curl -s -o /dev/null --max-time 1 "$URL/"
  quietly radosgw-admin user create --uid=owner --display-name=owner --access-key=owner --secret-key=ownersecret \
    --caps='roles=*;user-policy=*'
  ok "RGW on $URL"
}

# The AWS CLI as whoever owns all of it.
owner() {
  AWS_ACCESS_KEY_ID=owner AWS_SECRET_ACCESS_KEY=ownersecret /usr/bin/aws --no-cli-pager --region us-east-1 --endpoint-url "$URL" "$@"
}

# The bucket, and a role for alice whose policy names her folder: $BUCKET, $ROLE_ID, $USER_ID.
make_role() {
  BUCKET=securecart-user-docs
  expect 0 owner s3api create-bucket --bucket "$BUCKET"
  expect 0 radosgw-admin role create --role-name=DocsUser --assume-role-policy-doc \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/owner"]},"Action":["sts:AssumeRole"]}]}'
  ROLE_ID=$(jq -r .RoleId <<<"$OUT")
  USER_ID=$ROLE_ID:alice@example.com
  allow_folder folder
}

# `allow_folder NAME`: what the role may do from here on, by one of the sandbox's policies.
allow_folder() {
  local policy
  # RGW wants it on one line, and takes no `:` in a resource: `?` stands for it there. It asks of DeleteObjects, besides
  # each key, whether the caller may delete the bucket's name itself, which AWS doesn't.
  policy=$(tr -d '\n ' < "$ROOT/tests/sandbox/policies/$1.json" |
    sed "s|docs/\${aws:userid}|docs/${USER_ID/:/?}|g; s|\${aws:userid}|$USER_ID|g" |
    jq -c --arg bucket "$BUCKET" \
      '.Statement += [{Effect: "Allow", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::\($bucket)"}]')
  expect 0 radosgw-admin role-policy put --role-name=DocsUser --policy-name=folder --policy-doc="$policy"
}

# `assume PERSON`: a session of the role, as JSON.
assume() {
  expect 0 owner sts assume-role --role-arn arn:aws:iam:::role/DocsUser --role-session-name "$1"
  contains "$OUT" AccessKeyId "RGW's STS gave a session"
}
