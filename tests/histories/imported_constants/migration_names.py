LABEL = "service"
FIRST = "aaaa00000001"
