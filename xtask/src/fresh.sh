# Runs the commands of the README in a fresh Debian. In namespaces of its own: nothing that is mounted or started here outlives it.
# $1: the root; $2: the release; $3: its mirror; $4: the shared cases, or nothing; $5: the toolchains; the rest: commands.
set -eu
root=$1 release=$2 mirror=$3 shared=$4 toolchains=$5
shift 5
mkdir -p "$root"
mount --bind "$root" "$root"
# What Rust needs, and no more: a linker, and certificates for the registry.
debootstrap --variant=minbase --include=gcc,libc6-dev,ca-certificates "$release" "$root" "$mirror" > "$root.log" 2>&1 ||
  { tail -n 20 "$root.log"; exit 1; }
# It is thrown away: nothing has to survive a loss of power.
echo force-unsafe-io > "$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
for file in /etc/resolv.conf /etc/hosts; do cp "$file" "$root$file"; done
# The authorities that this machine trusts.
[ ! -d /etc/ssl/certs ] || mount --bind -o ro /etc/ssl/certs "$root/etc/ssl/certs"
mkdir -p "$root$toolchains"
mount --bind "$toolchains" "$root$toolchains"
mount -o remount,bind,ro "$root$toolchains"
mkdir "$root/fresh"
mv "$root.checkout" "$root/fresh/caps"
mv "$root.cargo" "$root/cargo"
if [ -n "$shared" ]; then
  mkdir "$root/fresh/shared"
  mount --bind "$shared" "$root/fresh/shared"
  mount -o remount,bind,ro "$root/fresh/shared"
fi
for command; do
  echo "==> fresh: $command"
  chroot "$root" /bin/sh -c "cd /fresh/caps && $command"
done
