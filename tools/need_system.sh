#!/usr/bin/env bash
# What only tests use: independent PDF validators, a browser, fonts for rare characters. Installed when root, named otherwise.
set -euo pipefail
declare -A package_of=(
  [pdfsig]=poppler-utils [pdffonts]=poppler-utils [mutool]=mupdf-tools [qpdf]=qpdf [certutil]=libnss3-tools
  [softhsm2-util]=softhsm2 [openssl]=openssl [chromium]=chromium [ip]=iproute2 [faketime]=faketime
)
if [ "${1:-}" = long ]; then  # veraPDF comes from Maven Central
  package_of+=([mvn]=maven [java]=default-jdk-headless)
fi
declare -A font_of=(
  [/usr/share/fonts/truetype/hanazono/HanaMinB.ttf]=fonts-hanazono
  [/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf]=fonts-lxgw-wenkai
)
missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
for font in "${!font_of[@]}"; do
  [ -f "$font" ] || missing+=("${font_of[$font]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
if [ "$(id -u)" -ne 0 ]; then
  echo "These system packages are needed for the tests: ${missing[*]}" >&2
  echo "测试需要以下系统软件包：${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
