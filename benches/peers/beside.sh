#!/bin/sh
# Runs a command beside a libvirtd of its own, in namespaces of its own: its state is in memory, its configuration has no
# password, and its emulators may use KVM. As the first process it reaps what emulators leave at once: a daemon that starts
# them would otherwise wait for each.
set -e
if [ "$$" != 1 ]; then
    exec unshare --mount --pid --fork --mount-proc --kill-child --propagation private "$0" "$@"
fi
mount -t tmpfs tmpfs /run
mkdir /run/libvirt /run/conf
for state in /var/lib/libvirt /var/cache /var/log/libvirt; do
    if [ -d $state ]; then mount -t tmpfs -o mode=755 tmpfs $state; fi
done
if [ -f /etc/libvirt/qemu.conf ]; then cp /etc/libvirt/qemu.conf /run/conf; fi
printf '%s\n' 'host_uuid = "00112233-4455-6677-8899-aabbccddeeff"' 'auth_unix_rw = "none"' \
    'auth_unix_ro = "none"' 'unix_sock_group = "root"' > /run/conf/libvirtd.conf
mount --bind /run/conf /etc/libvirt
# Emulators run as another user: without this the daemon starts them for every answer.
if [ -e /dev/kvm ]; then
    mknod -m 666 /run/kvm c 10 232
    mount --bind /run/kvm /dev/kvm
fi
libvirtd > /run/libvirtd.log 2>&1 &
daemon=$!
status=0
"$@" || status=$?
kill $daemon
exit $status
