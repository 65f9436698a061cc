#!/bin/sh
# Makes what a cluster without cert-manager needs: an authority, and a certificate a role. Needs openssl 1.1.1 or newer.
#
#   deploy/kubernetes/certificates.sh FOLDER [DAYS]
#
# FOLDER gets authority.key (keep it away from the cluster), and coordinator/ and worker/ with tls.crt, tls.key and ca.crt each. Run again
# with the same FOLDER, it renews the two certificates under the same authority.
set -eu
umask 077

folder=${1:?"expected a folder, such as: deploy/kubernetes/certificates.sh certificates"}
days=${2:-90}
mkdir -p "$folder"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

if [ ! -e "$folder/authority.crt" ]; then
    key "$folder/authority.key"
    openssl req -x509 -new -sha256 -key "$folder/authority.key" -days 3650 -out "$folder/authority.crt" -config /dev/stdin <<'CONFIG'
[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = segmenter-authority
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CONFIG
fi

# The role is the name in the certificate, whatever the host. Each side is a server to the other and a client of it.
for role in coordinator worker; do
    mkdir -p "$folder/$role"
    key "$folder/$role/tls.key"
    openssl req -new -key "$folder/$role/tls.key" -subj "/CN=segmenter-$role" -out "$folder/$role/request"
    printf '%s\n' "subjectAltName = DNS:segmenter-$role" 'basicConstraints = critical, CA:FALSE' \
        'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth, clientAuth' > "$folder/$role/extensions"
    openssl x509 -req -sha256 -in "$folder/$role/request" -CA "$folder/authority.crt" -CAkey "$folder/authority.key" \
        -set_serial "0x$(openssl rand -hex 16)" -days "$days" -extfile "$folder/$role/extensions" -out "$folder/$role/tls.crt" 2>/dev/null
    rm "$folder/$role/request" "$folder/$role/extensions"
    cp "$folder/authority.crt" "$folder/$role/ca.crt"
done
