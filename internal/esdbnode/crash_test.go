package esdbnode_test

const crashDirEnv = "ESDBNODE_TEST_CRASH_DIR"

func crashingNode(dir string) int { return 1 }
